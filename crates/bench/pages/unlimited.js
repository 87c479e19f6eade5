// Runs in every page before its own scripts: pictures are sent in full, however many there are.
(() => {
  const set = RTCRtpSender.prototype.setParameters;
  RTCRtpSender.prototype.setParameters = function (parameters) {
    for (const encoding of parameters.encodings ?? []) {
      if ("scaleResolutionDownBy" in encoding) {
        encoding.scaleResolutionDownBy = 1;
        delete encoding.maxBitrate;
      }
    }
    return set.call(this, parameters);
  };
})();

// Runs in every page before its own scripts: videos are sent in full, however many there are. The first
// ones are small as ever: they have no limit of bits, and a share of the budget has one.
(() => {
  const set = RTCRtpSender.prototype.setParameters;
  RTCRtpSender.prototype.setParameters = function (parameters) {
    for (const encoding of parameters.encodings ?? []) {
      if (encoding.maxBitrate !== undefined) {
        encoding.scaleResolutionDownBy = 1;
        delete encoding.maxBitrate;
        delete encoding.maxFramerate;
        encoding.active = true;
      }
    }
    return set.call(this, parameters);
  };
})();

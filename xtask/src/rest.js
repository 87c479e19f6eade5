// Stands at the end of wasm-bindgen's JavaScript: has the rest of the WebAssembly follow (xtask/src/split.rs).

const restAddress = new URL("REST", import.meta.url);
const fault = document.getElementById("fault");
let restIsHere = false;

function putRest(program) {
    // It may have been asked for in both ways.
    if (!restIsHere) {
        new WebAssembly.Instance(program, { a: { g: wasm.__rest_get, p: wasm.__rest_put, s: wasm.__rest_stack, m: wasm.memory } });
        restIsHere = true;
    }
}

// Once the page can be used, so that nothing waits for it. Without a connection, whenever there is one again.
async function fetchRest() {
    try {
        const response = await fetch(restAddress);
        if (!response.ok) throw new Error(response.status);
        putRest(await WebAssembly.compile(await response.arrayBuffer()));
    } catch {
        setTimeout(fetchRest, 2000);
    }
}

// A function of it is called before it is here: everything waits. Binary data may not be asked for in this way, but each byte may
// be made a letter.
function loadRest() {
    try {
        const request = new XMLHttpRequest();
        request.open("GET", restAddress, false);
        request.overrideMimeType("text/plain;charset=x-user-defined");
        request.send();
        if (request.status != 200) throw new Error(request.status);
        putRest(new WebAssembly.Module(Uint8Array.from(request.responseText, letter => letter.charCodeAt())));
    } catch (error) {
        const [title, status, advice, action] = fault.firstElementChild.children;
        title.textContent = "This can't go on";
        status.textContent = "A part of visavis has not arrived.";
        advice.textContent = "Check your connection, then load the page again.";
        action.textContent = "Load again";
        action.onclick = () => location.reload();
        fault.hidden = false;
        document.body.replaceChildren(fault);
        throw error;
    }
}

// The app takes the fault out of the page when it puts itself there.
new MutationObserver((_, observer) => {
    if (!fault.isConnected) {
        observer.disconnect();
        setTimeout(fetchRest);
    }
}).observe(document.body, { childList: true });
__wbg_init();

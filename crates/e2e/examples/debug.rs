//! Debug.
use visavis_e2e::{Browser, relay};
#[tokio::main]
async fn main() {
    let relay = relay().await;
    let browser = Browser::start().await;
    let a = format!("http://{}/", relay.address);
    let alice = browser.open(&a).await;
    alice.click("get-video").await;
    alice.wait_for_stage("alone").await;
    let bob = browser.open(&a).await;
    bob.click("get-video").await;
    bob.wait_for_stage("ready").await;
    alice.evaluate("(() => { window.L=[]; const o=MediaStream.prototype.addTrack; MediaStream.prototype.addTrack=function(t){ L.push(['add',t.kind,t.readyState,this.id]); const r=o.call(this,t); L.push(this.getTracks().length); return r; }; const r=MediaStream.prototype.removeTrack; MediaStream.prototype.removeTrack=function(t){L.push(['remove',t.kind]); return r.call(this,t);}; const OP=RTCPeerConnection; window.addEventListener('error', e=>L.push(['err',e.message])); })()").await;
    alice.click("call").await;
    alice.wait_for_stage("in-call").await;
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    println!("{}", alice.evaluate("JSON.stringify(L)").await);
    println!("{}", alice.evaluate("document.getElementById('remote-video').srcObject.id").await);
    for p in [&alice,&bob] {
        println!("{}", p.evaluate("(v => [v.srcObject && v.srcObject.getTracks().map(t => [t.kind, t.readyState, t.muted, t.enabled]), v.readyState, v.paused, v.videoWidth, v.checkVisibility(), getComputedStyle(v.parentElement).display, v.parentElement.className, v.getBoundingClientRect().width])(document.getElementById('remote-video'))").await);
        println!("{}", p.evaluate("document.querySelectorAll('.tile.remote').length").await);
    }
    std::fs::write("/tmp/call.png", bob.screenshot().await).unwrap();
}

// A clock that a test can turn: `hurry(times, milliseconds)` lets this much of the page's time pass this many
// times as fast, and the rest at normal speed. What the browser does by itself, such as ICE, keeps its own
// time. It must come before the page's own scripts.
(() => {
  const real = {
    now: performance.now.bind(performance),
    set: window.setTimeout.bind(window),
    clear: window.clearTimeout.bind(window),
  };
  const began = Date.now() - real.now();
  let speed = 1;
  let until = Infinity;
  let turned = { real: real.now(), now: real.now() };

  const now = () => {
    const at = turned.now + (real.now() - turned.real) * speed;
    if (at <= until) {
      return at;
    }
    turned = { real: turned.real + (until - turned.now) / speed, now: until };
    speed = 1;
    until = Infinity;
    return now();
  };

  const timers = new Map();
  let last = 0;

  const wait = (id, timer) => {
    real.clear(timer.handle);
    timer.handle = real.set(() => {
      if (now() < timer.due) {
        wait(id, timer);
        return;
      }
      if (timer.every === undefined) {
        timers.delete(id);
      } else {
        timer.due = now() + timer.every;
        wait(id, timer);
      }
      timer.call();
    }, Math.max(0, Math.ceil((timer.due - now()) / speed)));
  };

  const timerBy = repeats => (call, delay, ...parameters) => {
    const milliseconds = Math.max(Number(delay) || 0, repeats ? 1 : 0);
    const timer = { call: () => call(...parameters), due: now() + milliseconds };
    if (repeats) {
      timer.every = milliseconds;
    }
    last += 1;
    timers.set(last, timer);
    wait(last, timer);
    return last;
  };

  const clear = id => {
    real.clear(timers.get(id)?.handle);
    timers.delete(id);
  };

  window.setTimeout = timerBy(false);
  window.setInterval = timerBy(true);
  window.clearTimeout = clear;
  window.clearInterval = clear;
  Date.now = () => Math.floor(began + now());
  performance.now = now;

  window.hurry = (times, milliseconds) => {
    turned = { real: real.now(), now: now() };
    speed = times;
    until = turned.now + milliseconds;
    timers.forEach((timer, id) => wait(id, timer));
  };

  /** Whether that time has passed. */
  window.hasHurried = () => now() && until === Infinity;
})();

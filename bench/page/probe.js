// Runs in the page before its own scripts: when each picture had loaded, when its verdict was on it, and how long the
// page's thread was blocked. No work a frame: what is measured here is the extension.
(() => {
  const bench = { loaded: new Map(), settled: new Map(), blocked: 0, longTasks: 0, longest: 0 };
  window.bench = bench;
  const JUDGED = new Set(["shown", "tiny", "covered", "hidden"]);

  // In the capture phase, as `load` does not bubble.
  const note = (times) => (image) => times.has(image) || times.set(image, performance.now());
  const loaded = note(bench.loaded);
  for (const name of ["load", "error"]) {
    document.addEventListener(name, ({ target }) => target.localName === "img" && loaded(target), true);
  }
  const settled = note(bench.settled);
  new MutationObserver((mutations) => {
    for (const { target } of mutations) {
      if (target.localName === "img" && JUDGED.has(target.getAttribute("data-flinch"))) settled(target);
    }
  }).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-flinch"] });

  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      bench.blocked += duration - 50;
      bench.longTasks++;
      bench.longest = Math.max(bench.longest, duration);
    }
  }).observe({ type: "longtask", buffered: true });

  /** Whether `count` pictures have loaded and, where an extension judges, got their verdicts. */
  bench.isDone = (count, judging) => bench.loaded.size >= count && (!judging || bench.settled.size >= count);

  bench.found = () => {
    const waits = [];
    for (const [image, at] of bench.settled) {
      // Elements that share a file that is there already may have a verdict before their own `load`.
      if (bench.loaded.has(image)) waits.push({ ms: Math.max(0, at - bench.loaded.get(image)), src: image.src });
    }
    const states = {};
    for (const { dataset } of document.images) states[dataset.flinch] = (states[dataset.flinch] ?? 0) + 1;
    const last = (times) => Math.max(0, ...times.values());
    const { blocked, longTasks, longest } = bench;
    return { allLoaded: last(bench.loaded), allSettled: last(bench.settled), waits, states, blocked, longTasks, longest };
  };
})();

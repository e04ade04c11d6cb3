/** From measurements to the lines of docs/benchmarks.md. */

const LATENCIES = [0, 200];
const BOUND_MS = 60;

/** The middle of some numbers, or another share of the way through them. */
function quantile(values, share = 0.5) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return low + (high - low) * (at - Math.floor(at));
}

/** One round of one side in a line that a person can read. */
export function printed(name, found) {
  const parts = LATENCIES.map((latency) => [latency, found[`gallery${latency}`]])
    .filter(([, page]) => page !== undefined)
    .map(([latency, page]) => `${latency} ms: ${ofGallery(page)}`);
  if (found.seen !== undefined) parts.push(`seen unjudged ${found.seen}`);
  if (found.feed !== undefined) parts.push(`feed: blocked ${found.feed.blocked} ms, busy ${found.feed.thread.toFixed(2)} s`);
  return `${name.padEnd(10)} ${parts.join(" | ")}`;
}

function ofGallery({ allLoaded, allSettled, waits, cpu, megabytes, blocked, states }) {
  const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;
  const wait = (share) => quantile(waits.map(({ ms }) => ms), share).toFixed(0);
  const verdicts = waits.length === 0 ? [] : [`verdicts ${seconds(allSettled)}`, `waited ${wait(0.5)}, p95 ${wait(0.95)} ms`];
  const costs = [`cpu ${cpu.toFixed(1)} s`, `${megabytes.toFixed(0)} MB`, `blocked ${blocked} ms`];
  return [`loaded ${seconds(allLoaded)}`, ...verdicts, ...costs, JSON.stringify(states)].join(", ");
}

/**
 * Every measure in DESIGN's form: `ratio` says how many times better ours is; there is none where ours is nought, but
 * for times, which count as `least` then.
 */
export function rows(found, { appended }) {
  const over = (side, pick) => quantile(found[side].map(pick));
  const nsfwjs = (pick) => ({ peer: over("nsfwjs", pick), peer_name: "nsfwjs 4.4 MobileNetV2 in our shell" });
  const none = (pick) => ({ peer: over("none", pick), peer_name: "no extension" });
  const rescanning = (pick) => ({ peer: over("rescanning", pick), peer_name: "imitated rescanning (nsfw-filter's way)" });
  const bound = () => ({ peer: BOUND_MS, peer_name: "the bound" });

  const row = (measure, against, pick, { aim = null, least = 0 } = {}) => {
    const ours = over("ours", pick);
    const { peer, peer_name } = against(pick);
    const divisor = Math.max(ours, least);
    const ratio = divisor === 0 ? null : rounded(peer / divisor);
    return { measure, ours: rounded(ours), peer: rounded(peer), ratio, peer_name, aim };
  };

  const gallery = (latency) => {
    const at = `at ${latency} ms latency`;
    const of = (pick) => (round) => pick(round[`gallery${latency}`]);
    const waited = (share, host = "") =>
      of(({ waits }) => quantile(waits.filter(({ src }) => src.includes(host)).map(({ ms }) => ms), share));
    // Without an extension a page is done when its last picture has loaded.
    const done = of(({ allSettled, allLoaded }) => Math.max(allSettled, allLoaded) / 1000);
    const cpu = of((page) => page.cpu);
    const megabytes = of((page) => page.megabytes);
    return [
      row(`all verdicts ${at}, s`, nsfwjs, done),
      // Half as long again as the page itself takes is the most that may be.
      row(`all verdicts ${at} (loaded, without), s`, none, done, { aim: latency === 0 ? null : rounded(1 / 1.5) }),
      row(`load to verdict ${at}, median, ms`, nsfwjs, waited(0.5)),
      row(`load to verdict ${at}, median, ms`, bound, waited(0.5), { aim: 1 }),
      row(`load to verdict ${at}, hosts with CORS, median, ms`, nsfwjs, waited(0.5, "//cors.")),
      row(`load to verdict ${at}, hosts without, median, ms`, nsfwjs, waited(0.5, "//plain.")),
      row(`load to verdict ${at}, p95, ms`, nsfwjs, waited(0.95)),
      row(`processor time ${at}, s`, nsfwjs, cpu),
      row(`processor time ${at}, s`, none, cpu),
      row(`memory (PSS) ${at}, MB`, nsfwjs, megabytes),
      row(`memory (PSS) ${at}, MB`, none, megabytes),
      row(`long tasks on the page's thread ${at}`, nsfwjs, of((page) => page.longTasks)),
      row(`page's thread blocked ${at}, ms`, nsfwjs, of((page) => page.blocked), { least: 1 }),
      row(`page's thread busy ${at}, s`, none, of((page) => page.thread)),
    ];
  };

  const feed = `${appended} pictures appended: page's thread`;
  const blocked = ({ feed: page }) => page.blocked;
  const busy = ({ feed: page }) => page.thread;
  return [
    ...LATENCIES.flatMap(gallery),
    row("pictures seen before their verdict", none, (round) => round.seen),
    row(`${feed} blocked, ms`, rescanning, blocked, { aim: 20, least: 1 }),
    row(`${feed} busy, s`, rescanning, busy),
    row(`${feed} busy, s`, none, busy),
  ];
}

const rounded = (value) => Number(value.toFixed(2));

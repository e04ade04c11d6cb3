/**
 * What a page costs with the extension, without it, and with what others do instead.
 *
 * A gallery of 200 pictures of two other origins, one that allows CORS and one that does not, every answer at once or
 * 200 ms late; after each run the pictures have new addresses. Ours is compared with the same browser without any
 * extension, and with nsfwjs's bundled MobileNetV2 in our own shell: only the network differs. A second page appends
 * 3,000 pictures as a feed does; there the peer is an imitation of how nsfw-filter finds pictures (bench/peers/page):
 * it searches the whole target of every mutation again. It judges nothing; what is compared is the page's own thread.
 *
 * Every round starts every browser anew, one at a time, and lets it judge a few pictures first, so that the model is
 * loaded; figures are medians over the rounds. Pictures that could be seen before their verdict are looked for in a
 * pass of its own, on every animation frame, since looking slows the page down.
 *
 *     node bench/page.mjs [--quick]
 */

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { start } from "./page/browser.mjs";
import { printed, rows } from "./page/results.mjs";
import { install, sides } from "./page/sides.mjs";
import { open, pictures } from "./page/site.mjs";

const { quick } = parseArgs({ options: { quick: { type: "boolean", default: false } } }).values;
const PLAN = quick
  ? { rounds: 1, pictures: 40, appended: 400, warm: 4 }
  : { rounds: 3, pictures: 200, appended: 3000, warm: 8 };
const LATENCIES = [0, 200];
const PROBE = join(import.meta.dirname, "page/probe.js");
const SEEN = join(import.meta.dirname, "../tests/extension/probe.js");
const PATIENCE_MS = 180_000;

let runs = 0;

install();
const folder = await mkdtemp(join(tmpdir(), "flinch-bench-"));
const { files, what } = await pictures(PLAN.pictures);
const site = await open(files);
try {
  const built = await sides(folder);
  const extensions = { none: undefined, ours: built.ours, nsfwjs: built.nsfwjs, rescanning: built.rescanning };
  console.log(`${PLAN.pictures} pictures: ${what}; ${PLAN.rounds} rounds`);
  const found = { none: [], ours: [], nsfwjs: [], rescanning: [] };
  for (let round = 0; round < PLAN.rounds; round++) {
    const names = Object.keys(found);
    // Whatever the machine does in waves hits another side in every round.
    for (const name of [...names.slice(round % 4), ...names.slice(0, round % 4)]) {
      found[name].push(await measure(name, extensions[name]));
      console.log(printed(name, found[name].at(-1)));
    }
  }
  const results = rows(found, PLAN);
  console.log(JSON.stringify({ bench: "page", quick, pictures: PLAN.pictures, rounds: PLAN.rounds, results }));
} finally {
  site.close();
  await rm(folder, { recursive: true, force: true });
}

/** Everything that one side is measured on, in a browser of its own. */
async function measure(name, extension) {
  const browser = await start(extension);
  try {
    const judging = name === "ours" || name === "nsfwjs";
    if (judging) await gallery(browser, PLAN.warm, 0, true);
    const found = {};
    if (name !== "rescanning") {
      for (const latency of LATENCIES) found[`gallery${latency}`] = await gallery(browser, PLAN.pictures, latency, judging);
      found.seen = await unjudgedSeen(browser, judging);
    }
    if (name !== "nsfwjs") found.feed = await feed(browser, name === "ours");
    return found;
  } finally {
    await browser.close();
  }
}

function address(page, wish) {
  return `${site.urls.page}/${page}?${new URLSearchParams({ ...wish, run: ++runs })}`;
}

async function gallery(browser, count, latency, judging) {
  return visit(browser, address("gallery", { count, latency }), count, judging);
}

/** Waits for the last verdict and then a second for what is left to do; that second's work counts. */
async function visit({ context, processes }, url, count, judging) {
  const page = await context.newPage();
  await page.addInitScript({ path: PROBE });
  const devtools = await context.newCDPSession(page);
  // The thread's own processor time: another process cannot lengthen it.
  await devtools.send("Performance.enable", { timeDomain: "threadTicks" });
  const time = processes.watchTime();
  await page.goto(url, { waitUntil: "commit", timeout: PATIENCE_MS });
  await page.waitForFunction(([n, j]) => window.bench.isDone(n, j), [count, judging], { timeout: PATIENCE_MS, polling: 50 });
  await page.waitForTimeout(1000);
  const cpu = time.stop();
  const { metrics } = await devtools.send("Performance.getMetrics");
  const thread = metrics.find(({ name }) => name === "TaskDuration").value;
  const found = await page.evaluate(() => window.bench.found());
  // A side that gives up is fast.
  if (judging && "hidden" in found.states) throw new Error(`not every picture got a verdict: ${JSON.stringify(found.states)}`);
  const megabytes = processes.megabytes();
  await page.close();
  return { ...found, cpu, thread, megabytes };
}

/** How many pictures could be seen in any animation frame before their verdict. */
async function unjudgedSeen({ context }, judging) {
  const page = await context.newPage();
  await page.addInitScript({ path: PROBE });
  await page.addInitScript({ content: await readFile(SEEN, "utf8") });
  await page.goto(address("gallery", { count: PLAN.pictures, latency: LATENCIES.at(-1) }), { waitUntil: "commit" });
  const wanted = [PLAN.pictures, judging];
  await page.waitForFunction(([n, j]) => window.bench.isDone(n, j), wanted, { timeout: PATIENCE_MS, polling: 50 });
  await page.waitForTimeout(200);
  const seen = await page.evaluate(() => {
    const notes = window.probe.notes.filter((note) => note.when === "before" && note.seen !== "no" && note.state === null);
    return new Set(notes.map(({ src }) => src)).size;
  });
  await page.close();
  return seen;
}

async function feed(browser, judging) {
  return visit(browser, address("feed", { count: PLAN.appended }), PLAN.appended, judging);
}

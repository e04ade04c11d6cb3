/** A real Chromium with one extension or none, and what its processes cost. */

import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

const PEERS = join(import.meta.dirname, "../peers/page/package.json");
const TICKS_A_SECOND = 100; // USER_HZ, the same on every Linux

// Not google-chrome: since 137 the branded browser ignores --load-extension.
function chromium() {
  const folders = process.env.PATH.split(delimiter);
  const paths = ["chromium", "chromium-browser"].flatMap((name) => folders.map((folder) => join(folder, name)));
  const found = paths.find(existsSync);
  if (found === undefined) throw new Error("no Chromium on the PATH: install the package 'chromium'");
  return found;
}

/** Starts a browser with a fresh profile; `extension` is a folder, or undefined for none. */
export async function start(extension) {
  const { chromium: driver } = createRequire(PEERS)("playwright-core");
  const profile = mkdtempSync(join(tmpdir(), "flinch-bench-"));
  const loading = extension === undefined ? ["--disable-extensions"] : [
    `--disable-extensions-except=${extension}`,
    `--load-extension=${extension}`,
  ];
  const context = await driver.launchPersistentContext(profile, {
    executablePath: chromium(),
    headless: false,
    ignoreDefaultArgs: ["--disable-extensions"],
    args: [
      ...["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"],
      ...["--disable-background-networking", "--disable-component-update"],
      "--host-resolver-rules=MAP *.localhost 127.0.0.1",
      ...loading,
    ],
  });
  if (extension !== undefined) await closeFirstRunPage(context, extension);
  const close = async () => {
    await context.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  return { context, processes: new Processes(profile), close };
}

/** It opens by itself when an extension that has one is loaded, and is no part of what a page costs. */
async function closeFirstRunPage(context, extension) {
  if (context.serviceWorkers().length === 0) await context.waitForEvent("serviceworker");
  if (!existsSync(join(extension, "welcome.html"))) return;
  const isFirstRun = (page) => page.url().endsWith("/welcome.html");
  const open = context.pages().find(isFirstRun);
  await (open ?? (await context.waitForEvent("page", { predicate: isFirstRun }))).close();
}

/** The processes of the browser that uses a profile: the browser itself and everything that it has started. */
class Processes {
  #profile;

  constructor(profile) {
    this.#profile = profile;
  }

  #ids() {
    const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    const parents = new Map(all.map((id) => [id, statOf(id)?.[1]]));
    const ours = new Set(all.filter((id) => read(`/proc/${id}/cmdline`).includes(this.#profile)));
    for (let before = -1; before !== ours.size; ) {
      before = ours.size;
      for (const [id, parent] of parents) if (ours.has(parent)) ours.add(id);
    }
    return [...ours];
  }

  /** Watches the processor time of all of them until `stop`, which returns it in seconds: those that ended count. */
  watchTime() {
    const first = new Map();
    const last = new Map();
    const look = (isFirst) => {
      for (const id of this.#ids()) {
        const stat = statOf(id);
        if (stat === undefined) continue;
        const ticks = Number(stat[11]) + Number(stat[12]);
        // One that was not there at the beginning began at nought.
        if (isFirst) first.set(id, ticks);
        last.set(id, ticks);
      }
    };
    look(true);
    const timer = setInterval(look, 250);
    return {
      stop() {
        clearInterval(timer);
        look(false);
        let ticks = 0;
        for (const [id, until] of last) ticks += until - (first.get(id) ?? 0);
        return ticks / TICKS_A_SECOND;
      },
    };
  }

  /** Proportional set size of all of them together, in MB: pages that several share are counted once. */
  megabytes() {
    const sizes = this.#ids().map((id) => /^Pss:\s+(\d+) kB/m.exec(read(`/proc/${id}/smaps_rollup`))?.[1] ?? "0");
    return sizes.reduce((sum, size) => sum + Number(size), 0) / 1024;
  }
}

/** The fields of /proc/ID/stat from the state on (proc(5) counts that one as the third). */
function statOf(id) {
  const text = read(`/proc/${id}/stat`);
  return text === "" ? undefined : text.slice(text.lastIndexOf(")") + 2).split(" ");
}

function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // it has ended meanwhile
  }
}

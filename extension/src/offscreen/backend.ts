/** Which backend judges: wasm until a trial, held once for a model and a version of Flinch, has found a better one. */

import { type BackendName, isBackend } from "../backend_names";
import { type Assessor } from "./assessor";
import { type Store } from "./store";

const FACT = "backend";
/** The trial takes a second or two of a processor: not while anybody waits. */
const IDLE_MS = 20_000;
const TRIAL_MS = 60_000;

interface Won {
  readonly key: string;
  readonly name: BackendName;
}

/** Lets the assessor use the winner, which is looked for first where it is not known. Never rejects. */
export async function followTrial(assessor: Assessor, store: Store, bundle: string): Promise<void> {
  const key = `${bundle} ${await versionOfFlinch()}`;
  const remember = (name: BackendName) => store.note(FACT, { key, name } satisfies Won).catch(() => undefined);
  // Once broken, not trusted again before the next version.
  assessor.onBroken = () => void remember("wasm");
  const won = (await store.fact(FACT).catch(() => undefined)) as Partial<Won> | undefined;
  if (won?.key === key && isBackend(won.name)) return assessor.use(won.name);
  await assessor.idle(IDLE_MS);
  const name = await holdTrial();
  await remember(name);
  assessor.use(name);
}

/** Read as a file: an offscreen document has no `runtime.getManifest`. */
async function versionOfFlinch(): Promise<string> {
  const manifest = (await (await fetch("manifest.json")).json()) as { version: string };
  return manifest.version;
}

/** A trial that breaks or does not end is won by wasm. */
function holdTrial(): Promise<BackendName> {
  return new Promise((resolve) => {
    const worker = new Worker("trial.js", { type: "module" });
    const end = (name: unknown) => {
      worker.terminate();
      resolve(isBackend(name) ? name : "wasm");
    };
    worker.onmessage = ({ data }: MessageEvent<{ chosen: unknown }>) => end(data.chosen);
    worker.onerror = () => end("wasm");
    setTimeout(() => end("wasm"), TRIAL_MS);
  });
}

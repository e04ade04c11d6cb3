/** The offscreen document: wires the frames' ports, the memory and the worker together. */

import { type Kept, PICTURES_PORT, type Reason, type Stay, type ToCache } from "../messages";
import { readBundle } from "../model_files";
import { Assessor } from "./assessor";
import { followTrial } from "./backend";
import { examine, hurryFetches } from "./examine";
import { serve } from "./frame";
import { Inquiries } from "./inquiries";
import { Memory } from "./memory";
import { Store } from "./store";

/** Less than the 30 s after which an idle service worker sleeps. */
const STAY_MS = 20_000;

const inquiries = start();
let frames = 0;

async function start(): Promise<Inquiries | Reason> {
  const bundle = await readBundle();
  if (typeof bundle === "string") return bundle;
  const assessor = new Assessor();
  const store = new Store(bundle.id);
  void followTrial(assessor, store, bundle.id);
  return new Inquiries(
    bundle,
    new Memory(store),
    (evidence, turn) => examine(evidence, turn, (exhibit, its, shape) => assessor.judge(exhibit, its, shape)),
    hurryFetches,
  );
}

chrome.runtime.onConnect.addListener((port) => {
  if (port.name !== PICTURES_PORT) return;
  frames++;
  port.onDisconnect.addListener(() => frames--);
  serve(port, inquiries);
});

chrome.runtime.onMessage.addListener((message: ToCache, _sender, respond: (answer: Kept) => void) => {
  if (message.type !== "kept" && message.type !== "forget") return;
  void answer(message).then(respond);
  return true;
});

async function answer(message: ToCache): Promise<Kept> {
  const found = await inquiries;
  if (typeof found === "string") return { type: "kept", verdicts: 0, overrules: 0 };
  if (message.type === "forget") await found.memory.forget(message.what);
  return { type: "kept", ...(await found.memory.counts()) };
}

// A service worker that is awake lays the user style sheet over a new frame before its first picture is painted.
setInterval(() => {
  const stay: Stay = { type: "stay" };
  if (frames > 0) chrome.runtime.sendMessage(stay).catch(() => undefined);
}, STAY_MS);

/** The offscreen document: wires the frames' ports, the memory and the worker together. */

import { PICTURES_PORT, type Reason } from "../messages";
import { readBundle } from "../model_files";
import { Assessor } from "./assessor";
import { exhibitOf, hurryFetches } from "./exhibit";
import { serve } from "./frame";
import { Inquiries } from "./inquiries";
import { Memory } from "./memory";

const inquiries = start();

async function start(): Promise<Inquiries | Reason> {
  const bundle = await readBundle();
  if (typeof bundle === "string") return bundle;
  const assessor = new Assessor();
  return new Inquiries(
    bundle,
    new Memory(),
    async (source, turn) => assessor.judge(await exhibitOf(source, turn), turn),
    hurryFetches,
  );
}

chrome.runtime.onConnect.addListener((port) => {
  if (port.name === PICTURES_PORT) serve(port, inquiries);
});

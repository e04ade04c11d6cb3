/** The offscreen document: one port a frame comes in, the worker judges, the verdicts go back. */

import { type Answer, type Judge, PICTURES_PORT } from "../messages";
import { Assessor } from "./assessor";
import { Verdicts, keyOf } from "./verdicts";

const assessor = new Assessor();
const verdicts = new Verdicts();

chrome.runtime.onConnect.addListener((port) => {
  if (port.name !== PICTURES_PORT) return;
  let open = true;
  port.onDisconnect.addListener(() => (open = false));
  const send = (answer: Answer) => {
    // The frame may have gone while its picture was judged; posting to it would throw.
    if (open) port.postMessage(answer);
  };
  void assessor.size.then((size) => send({ type: "ready", size }));
  port.onMessage.addListener(async ({ id, source }: Judge) => {
    const verdict = await verdicts.get(await keyOf(source), () => assessor.judge(source));
    send({ type: "verdict", id, verdict });
  });
});

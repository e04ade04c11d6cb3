/** One frame's port: its questions by their numbers, and the answers on their way back. */

import { type FromOffscreen, type Reason, type ToOffscreen, failed } from "../messages";
import { type Asker, type Inquiries } from "./inquiries";

type Ask = Extract<ToOffscreen, { type: "ask" }>;

/** Answers a frame until it goes; without a model, `inquiries` is the reason why there is none. */
export function serve(port: chrome.runtime.Port, inquiries: Promise<Inquiries | Reason>): void {
  const askers = new Map<number, Asker>();
  // Firefox has one background for both kinds of window; Chrome's private windows have an extension of their own.
  const secret = port.sender?.tab?.incognito ?? false;
  const page = addressOf(port.sender);
  let open = true;
  // The frame may have gone while its picture was judged; posting to it would throw.
  const send = (message: FromOffscreen) => {
    if (open) port.postMessage(message);
  };

  function hear(message: ToOffscreen, found: Inquiries | Reason): void {
    if (typeof found === "string") {
      if (message.type === "ask") send({ type: "verdict", id: message.id, verdict: failed(found) });
    } else if (message.type === "overrule") {
      found.overrule(message.picture, message.verdict, secret);
    } else if (message.type === "ask") {
      found.ask(message.picture, askerFor(message, found));
    } else {
      const asker = askers.get(message.id);
      if (asker === undefined) return;
      if (message.type === "source") void found.hand(asker, message.source);
      else if (message.type === "hurry") found.hurry(asker, message.urgent);
      else forget(message.id, found);
    }
  }

  function askerFor({ id, strictness, urgent, source }: Ask, found: Inquiries): Asker {
    const asker: Asker = {
      strictness,
      secret,
      page,
      urgent,
      want: () => (source === undefined ? send({ type: "wanted", id }) : void found.hand(asker, source)),
      answer: (verdict) => {
        askers.delete(id);
        send({ type: "verdict", id, verdict });
      },
    };
    askers.set(id, asker);
    return asker;
  }

  function forget(id: number, found: Inquiries): void {
    const asker = askers.get(id);
    askers.delete(id);
    if (asker !== undefined) found.cancel(asker);
  }

  // What comes before the bundle is read waits for it, in order.
  port.onMessage.addListener((message: ToOffscreen) => void inquiries.then((found) => hear(message, found)));
  port.onDisconnect.addListener(() => {
    open = false;
    void inquiries.then((found) => {
      if (typeof found !== "string") for (const id of [...askers.keys()]) forget(id, found);
    });
  });
  void inquiries.then((found) => send({ type: "ready", size: typeof found === "string" ? 0 : found.bundle.input.size }));
}

/** The page that shows a frame's pictures: its own address, or that of the page it was made by. */
function addressOf({ url, origin, tab }: chrome.runtime.MessageSender = {}): string {
  return [url, origin, tab?.url].find((address) => address?.startsWith("http")) ?? "";
}

/** Tells the service worker how many pictures this frame covers, for the badge. */

import { type Count } from "../messages";
import { type Registry } from "./registry";

const SOON_MS = 250;

export function keepCount(registry: Registry): void {
  let told = 0;
  let waiting = false;

  function tell(covered: number): void {
    waiting = false;
    if (covered === told) return;
    told = covered;
    const message: Count = { type: "count", covered };
    // The extension was updated under this page, or the service worker is about to wake: the next count will do.
    void Promise.resolve(chrome.runtime?.sendMessage?.(message)).catch(() => undefined);
  }

  function tellSoon(): void {
    if (waiting) return;
    waiting = true;
    setTimeout(() => tell(registry.all().filter(({ state }) => state === "covered").length), SOON_MS);
  }

  registry.onChange(tellSoon);
  addEventListener("pagehide", () => tell(0));
  addEventListener("pageshow", tellSoon);
}

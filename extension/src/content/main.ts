/** The content script: in every frame, from before its first element, no `<img>` is seen before it is judged. */

import { type Verdict, failed } from "../messages";
import { fitBlur, hide, show, showTiny } from "./cover";
import { Line, wake } from "./line";
import { isTiny } from "./size";
import { sourceOf } from "./source";
import { watch } from "./watch";

const line = new Line();

/** Verdicts of this document by address: within one document the browser, too, loads an address once. */
const verdicts = new Map<string, Promise<Verdict>>();

/** The address of the picture that an image was last looked at for, and whether it was tiny then. */
const seen = new WeakMap<HTMLImageElement, { readonly url: string; readonly tiny: boolean }>();

// Runs between layout and paint: a tiny picture, shown unjudged, is hidden before its larger box is seen.
const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    fitBlur(target as HTMLImageElement);
    consider(target as HTMLImageElement);
  }
});

function changed(image: HTMLImageElement): void {
  forget(image);
  consider(image);
}

function forget(image: HTMLImageElement): void {
  seen.delete(image);
  sizes.unobserve(image);
  hide(image);
}

function rechosen(image: HTMLImageElement): void {
  if (seen.has(image) && seen.get(image)?.url !== image.currentSrc) changed(image);
}

/** Judges the picture that an image shows, unless that has been done; one still loading will be heard of again. */
function consider(image: HTMLImageElement): void {
  const url = image.currentSrc;
  if (!image.complete || url === "") return;
  const tiny = isTiny(naturalSize(image)) && isTiny(image.getBoundingClientRect());
  const known = seen.get(image);
  if (known?.url === url && known.tiny === tiny) return;
  forget(image);
  seen.set(image, { url, tiny });
  if (image.naturalWidth === 0) {
    show(image, failed("notLoaded"));
  } else if (tiny) {
    showTiny(image);
    sizes.observe(image);
  } else {
    void judge(image, url);
  }
}

const naturalSize = (image: HTMLImageElement) => ({ width: image.naturalWidth, height: image.naturalHeight });

async function judge(image: HTMLImageElement, url: string): Promise<void> {
  const verdict = await verdictFor(image, url);
  // Meanwhile the image may have got another picture, which then has a question of its own.
  if (seen.get(image)?.url !== url) return;
  if (image.currentSrc !== url || !image.complete) return forget(image);
  show(image, verdict);
  if (verdict.kind === "cover") sizes.observe(image);
  // The next `load` may go better.
  if (verdict.kind === "error") seen.delete(image);
}

function verdictFor(image: HTMLImageElement, url: string): Promise<Verdict> {
  const known = verdicts.get(url);
  if (known !== undefined) return known;
  const { verdict } = line.judge({
    address: url,
    validator: `${image.naturalWidth}x${image.naturalHeight}`,
    urgent: true,
    source: (size, signal) => sourceOf(image, url, size, signal),
  });
  verdicts.set(url, verdict);
  void verdict.then(({ kind }) => {
    // Another try may go better; and the bytes of data: addresses are not worth keeping here.
    if (kind === "error" || url.startsWith("data:")) verdicts.delete(url);
  });
  return verdict;
}

watch(document, { changed, settled: consider, rechosen });
// A frame without pictures needs the user style sheet too: pictures may come. Its failure is the line's to repair.
wake().catch(() => undefined);

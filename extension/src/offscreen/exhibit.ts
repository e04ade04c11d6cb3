/** From a source to something that the worker can judge. */

import { Failure } from "../failure";
import { type Exhibit, type Source } from "../messages";
import { Queue, type Turn } from "../queue";
import { draw } from "./draw";

// With 200 ms to every host, 24 in flight finish in 7.5 s what 4 finish in 12.4 s; and pictures far below the
// viewport on a host that never answers do not keep the places from those that are looked at.
const fetching = new Queue(32, 24);
const FETCH_TIMEOUT_MS = 30_000;

/** To be called when a turn has become urgent. */
export const hurryFetches = (): void => fetching.reconsider();

/** Rejects with Failure, or with the reason of the turn's signal. */
export async function exhibitOf(source: Source, turn: Turn): Promise<Exhibit> {
  if (source.kind === "pixels") return Uint8Array.from(atob(source.base64), (character) => character.charCodeAt(0));
  const { url } = source;
  // Bytes that are here already do not wait behind those that are not.
  const here = url.startsWith("data:");
  const blob = await (here ? fetchFile(url, turn) : fetching.run(turn, () => fetchFile(url, turn)));
  if (!blob.type.startsWith("image/svg")) return blob;
  return draw(blob).catch(() => Promise.reject(new Failure("undecodable")));
}

async function fetchFile(url: string, { signal }: Turn): Promise<Blob> {
  // With cookies, as the page's own request had them; from the cache, whatever its age, as it is what is on screen.
  const options: RequestInit = {
    cache: "force-cache",
    credentials: "include",
    signal: AbortSignal.any([signal, AbortSignal.timeout(FETCH_TIMEOUT_MS)]),
  };
  try {
    // The status is not looked at: browsers show the picture in the body of a 404 too.
    return await (await fetch(url, options)).blob();
  } catch {
    signal.throwIfAborted();
    throw new Failure("fetchFailed");
  }
}

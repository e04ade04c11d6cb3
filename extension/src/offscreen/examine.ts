/**
 * From what a frame handed over to a finding. A host that refuses the plain download is asked once more, as a page
 * would ask: with the page's origin as the referrer, for an image.
 */

import { Failure } from "../failure";
import { isFleeting } from "../fleeting";
import { type Exhibit, type Lend, type Picture, type Source } from "../messages";
import { Queue, type Turn } from "../queue";
import { draw } from "./draw";
import { type Shape, shapeOf } from "../shape";

/** What is known of a picture that nobody remembers. */
export interface Evidence {
  readonly source: Source;
  readonly picture: Picture;
  /** Address of the frame that shows it. */
  readonly page: string;
}

export interface Finding {
  /** Of the class that is covered. */
  readonly probability: number;
  /** The host asks for its picture anew every time. */
  readonly fleeting: boolean;
}

/** Rejects with Failure, "fetchFailed" when the exhibit is not of the shape. */
export type Assess = (exhibit: Exhibit, turn: Turn, shape: Shape | undefined) => Promise<number>;

// With 200 ms to every host, 24 in flight finish in 7.5 s what 4 finish in 12.4 s; and pictures far below the
// viewport on a host that never answers do not keep the places from those that are looked at.
const fetching = new Queue(32, 24);
const FETCH_TIMEOUT_MS = 30_000;

/** To be called when a turn has become urgent. */
export const hurryFetches = (): void => fetching.reconsider();

/** Rejects with Failure, or with the reason of the turn's signal. */
export async function examine({ source, picture, page }: Evidence, turn: Turn, assess: Assess): Promise<Finding> {
  if (source.kind === "pixels") return { probability: await assess(source.pixels, turn, undefined), fleeting: false };
  const shape = shapeOf(picture);
  const judge = async (file: Blob) => assess(await exhibitOf(file), turn, shape);
  if (source.kind === "file") return { probability: await judge(source.file), fleeting: source.fleeting };
  const { url } = source;
  const plain = await download(url, page, turn, "force-cache");
  try {
    return { probability: await judge(plain.file), fleeting: plain.fleeting };
  } catch (failure) {
    turn.signal.throwIfAborted();
    if (!(await lend(url, page))) throw plain.refused ? new Failure("fetchFailed") : failure;
  }
  // Not from the cache, where the refusal may be.
  const asked = await download(url, page, turn, "reload");
  return judge(asked.file).then(
    (probability) => ({ probability, fleeting: asked.fleeting }),
    (failure: unknown) => Promise.reject(asked.refused ? new Failure("fetchFailed") : failure),
  );
}

interface Downloaded {
  readonly file: Blob;
  readonly fleeting: boolean;
  readonly refused: boolean;
}

function download(url: string, page: string, turn: Turn, cache: RequestCache): Promise<Downloaded> {
  const begin = () => fetchFile(url, page, turn, cache);
  // Bytes that are here already do not wait behind those that are not.
  return url.startsWith("http") ? fetching.run(turn, begin) : begin();
}

async function fetchFile(url: string, page: string, { signal }: Turn, cache: RequestCache): Promise<Downloaded> {
  // From the cache, whatever its age, as it is what is on screen. To a browser a fetch of an extension is of no other
  // site: it would send cookies that the page's own request for a picture of another site does not.
  const options: RequestInit = {
    cache,
    credentials: isSameSite(url, page) ? "include" : "omit",
    signal: AbortSignal.any([signal, AbortSignal.timeout(FETCH_TIMEOUT_MS)]),
  };
  try {
    const response = await fetch(url, options);
    // What has another status is looked at too: browsers show the picture in the body of a 404.
    return { file: await response.blob(), fleeting: isFleeting(response), refused: !response.ok };
  } catch {
    signal.throwIfAborted();
    throw new Failure("fetchFailed");
  }
}

/** Whether a host is the page's or above or below it; too few rather than too many, without a list of all suffixes. */
function isSameSite(url: string, page: string): boolean {
  if (!url.startsWith("http") || !page.startsWith("http")) return true;
  const [one, other] = [url, page].map((address) => new URL(address).hostname.replace(/^www\./, "")) as [string, string];
  return one === other || one.endsWith(`.${other}`) || other.endsWith(`.${one}`);
}

/** Whether the next request will be as the page's own: its host has been told of the page before, by that one. */
async function lend(url: string, page: string): Promise<boolean> {
  if (!url.startsWith("http") || !page.startsWith("http")) return false;
  const { hostname } = new URL(url);
  const message: Lend = { type: "lend", host: hostname, referer: `${new URL(page).origin}/` };
  return (await chrome.runtime.sendMessage(message).catch(() => undefined)) === true;
}

async function exhibitOf(file: Blob): Promise<Exhibit> {
  if (!file.type.startsWith("image/svg")) return file;
  return draw(file).catch(() => Promise.reject(new Failure("undecodable")));
}

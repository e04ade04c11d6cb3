/**
 * `<video>`: its poster, and a frame every so often of what it plays. A time of the film that has been judged is not
 * judged again, so a clip that loops costs nothing after its first round; a jump to a time that has not is hidden until
 * it has. A film whose opening was found triggering, or that the reader has hidden, stays covered.
 */

import { type Verdict } from "../../messages";
import { type Rgba } from "../../preprocess";
import { type Desk } from "../desk";
import { isEmpty, readFrame, sourceOfFrame } from "../frame";
import { type Question } from "../line";
import { Moving } from "../moving";
import { type SharedPicture, type Wanting } from "../shared_picture";
import { type Size } from "../size";
import { type Kind } from "./kind";

export const video: Kind = {
  selector: "video",
  attributes: ["src", "poster", "crossorigin"],
  attend: (element, desk) => new Film(element as HTMLVideoElement, desk),
};

/** A step of the film that is judged by one frame, and the least time between two questions. */
const STEP_MS = 250;

/** What is remembered of a whole film is kept under its address and this. */
const OPENING = "opening";

/** Events after which something else can be seen, or soon will be. */
const EVENTS = ["loadeddata", "play", "playing", "seeked", "pause", "resize", "timeupdate"];

class Film extends Moving implements Wanting {
  readonly #video: HTMLVideoElement;
  #poster: SharedPicture | undefined;
  /** By the step of the film: whether it triggers. */
  readonly #steps = new Map<number, boolean>();
  #opening: Verdict | undefined;
  #openingQuestion: Question | undefined;
  #asked = { step: 0, at: -Infinity };
  near = false;
  #callback = 0;

  constructor(element: HTMLVideoElement, desk: Desk) {
    super(element, desk);
    this.#video = element;
    this.validator = OPENING;
    for (const event of EVENTS) element.addEventListener(event, () => this.#look());
    element.addEventListener("seeking", () => this.#jump());
    element.addEventListener("emptied", () => this.changed());
  }

  changed(): void {
    this.reset();
    if (!this.desk.policy.on) return;
    this.desk.sight.watch(this.#video, (near) => {
      this.near = near;
      this.#poster?.hurry();
      this.#look();
    });
    this.#everyFrame();
    this.#look();
  }

  settled(): void {}

  override again(): void {
    this.#poster?.again();
    super.again();
  }

  /** The poster has loaded, or has been judged. */
  learnt(): void {
    this.#decide();
  }

  needs(): boolean {
    return true;
  }

  protected override stop(): void {
    super.stop();
    this.#followPoster("");
    this.#steps.clear();
    this.#openingQuestion?.cancel();
    this.#openingQuestion = this.#opening = undefined;
    this.desk.sight.leave(this.#video);
    this.#video.cancelVideoFrameCallback(this.#callback);
  }

  /** A blur would have to be computed for every frame, and would blur the controls. */
  protected override coverFor(size: Size): string {
    const cover = super.coverFor(size);
    return cover.startsWith("blur") ? "solid" : cover;
  }

  /** A busy browser says that it has a frame before it can draw one: what it draws then is empty, even untainted. */
  protected read(): Rgba | undefined {
    const frame = readFrame(this.#video, this.#video.videoWidth, this.#video.videoHeight);
    return isEmpty(frame) ? undefined : frame;
  }

  protected judged(verdict: Verdict): void {
    if (verdict.kind !== "error") this.#steps.set(this.#asked.step, verdict.kind === "cover");
    this.#decide();
  }

  /** Called for frames that are painted only: a film out of sight, in a hidden tab or paused asks nothing. */
  #everyFrame(): void {
    this.#callback = this.#video.requestVideoFrameCallback(() => {
      this.#look();
      this.#everyFrame();
    });
  }

  #jump(): void {
    if (!this.#steps.has(this.#step)) this.forgetFrame();
    this.#look();
  }

  #look(): void {
    const { desk, state } = this;
    if (!desk.policy.on || state === "revealed" || !this.#video.isConnected) return;
    const { poster, currentSrc } = this.#video;
    this.addresses = [currentSrc, poster].filter((url) => url !== "" && !url.startsWith("data:"));
    this.#followPoster(poster);
    if (this.#hasFrame) this.#watchFrame();
    this.#decide();
  }

  #followPoster(url: string): void {
    const { desk } = this;
    if (url === (this.#poster?.url ?? "")) return;
    if (this.#poster !== undefined) desk.pictures.leave(this.#poster, this);
    this.#poster = url === "" ? undefined : desk.pictures.join(url, desk, this);
  }

  #watchFrame(): void {
    const { currentSrc } = this.#video;
    const triggers = this.#steps.get(this.#step);
    if (triggers === true) this.triggered();
    const now = performance.now();
    const isDue = now - this.#asked.at >= STEP_MS || this.sampled === undefined;
    if (triggers !== undefined || !this.near || !isDue || this.isAsking) return;
    this.#asked = { step: this.#step, at: now };
    const isSeen = this.sample();
    if (isSeen && this.#openingQuestion === undefined && currentSrc.startsWith("http")) this.#askForOpening(currentSrc);
  }

  #askForOpening(address: string): void {
    const source = (size: number) => {
      const frame = this.read();
      return Promise.resolve(frame && sourceOfFrame(frame, size));
    };
    const question = this.desk.line.judge({ address, validator: OPENING, urgent: true, source });
    this.#openingQuestion = question;
    void question.verdict.then((verdict) => {
      if (question !== this.#openingQuestion) return;
      this.#opening = verdict;
      this.#decide();
    });
  }

  #decide(): void {
    if (this.state === "revealed") return;
    const verdict = this.#poster?.verdict;
    const seen: (Verdict | undefined)[] = [];
    // A poster that cannot be loaded shows nothing.
    const hasPoster = this.#poster !== undefined && !(verdict?.kind === "error" && verdict.reason === "notLoaded");
    if (hasPoster && !(this.#hasBegun && this.#hasFrame)) seen.push(verdict);
    if (this.#hasFrame || this.sampled !== undefined) seen.push(this.sampled);
    if (this.#openingQuestion !== undefined && this.#opening?.kind !== "error") seen.push(this.#opening);
    const worst = seen.find((one) => one?.kind === "cover") ?? seen.find((one) => one?.kind === "error");
    if (worst !== undefined) this.conclude(worst);
    else if (seen.length === 0 || seen.includes(undefined)) this.become("pending");
    else this.conclude({ kind: "reveal" });
  }

  get #step(): number {
    return Math.floor((this.#video.currentTime * 1000) / STEP_MS);
  }

  get #hasFrame(): boolean {
    return this.#video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && this.#video.videoWidth > 0;
  }

  /** From then on its frames are seen instead of the poster. */
  get #hasBegun(): boolean {
    const { paused, currentTime, played, autoplay } = this.#video;
    return !paused || autoplay || currentTime > 0 || played.length > 0;
  }
}

import { type Reason } from "./messages";

/** A picture could not be judged; the reader is told why. */
export class Failure extends Error {
  constructor(readonly reason: Reason) {
    super(reason);
  }
}

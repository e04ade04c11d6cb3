/** Runs at most `limit` tasks at once, the others in the order in which they came. */
export function limited(limit: number): <T>(task: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let free = limit;
  const release = () => {
    const next = waiting.shift();
    // The place goes straight to the next in line: freed, it could be taken by one who came later.
    if (next !== undefined) next();
    else free++;
  };
  return async (task) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await task();
    } finally {
      release();
    }
  };
}

/** Whether a host wants its picture asked for anew every time: another one may soon have the same address. */
export function isFleeting({ headers }: Pick<Response, "headers">): boolean {
  return /\bno-(store|cache)\b|\bmax-age=0\b/i.test(headers.get("cache-control") ?? "");
}

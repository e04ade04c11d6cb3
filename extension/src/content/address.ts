/**
 * What a picture is remembered by: its absolute URL, or the digest of a `data:` URL, which may be megabytes long.
 *
 * Pages without https have no `crypto.subtle`: theirs stay as they are and are not remembered.
 */
export async function addressOf(url: string): Promise<string> {
  if (!url.startsWith("data:") || crypto.subtle === undefined) return url;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(url)));
  return `sha256:${Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

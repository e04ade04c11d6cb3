/** Where reports go: a service that the reader names. */

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/;

/** Whether reports may be sent there: encrypted, or to this computer itself. */
export function isServiceAddress(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname, username, password } = new URL(address);
  if (username !== "" || password !== "") return false;
  return protocol === "https:" || (protocol === "http:" && LOOPBACK.test(hostname));
}

/** The URL that reports are posted to. */
export function endpointOf(service: string): string {
  const { origin, pathname } = new URL(service);
  return `${origin}${pathname.replace(/\/$/, "")}/v1/feedback`;
}

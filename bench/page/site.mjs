/** The bench's sites: a page, and two hosts of pictures that keep every answer back for as long as asked. */

import { createServer } from "node:http";
import { existsSync } from "node:fs";
import { readFile, readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
const PHOTOGRAPHS = join(ROOT, "../shared/data/trypophobia/val");

/** Every tenth picture is a triggering one, as on no page that this reader would stay on. */
const TRIGGERING = 10;

/** Returns `count` picture files and, in words, what they are. */
export async function pictures(count) {
  if (!existsSync(PHOTOGRAPHS)) {
    return { files: drawn(count), what: "drawn pictures: the photographs do not lie beside the project" };
  }
  const names = { normal: await listed("normal"), trypophobia: await listed("trypophobia") };
  const kinds = Array.from({ length: count }, (_, n) => (n % TRIGGERING === 0 ? "trypophobia" : "normal"));
  const files = kinds.map((kind, n) => readFile(join(PHOTOGRAPHS, kind, names[kind][n % names[kind].length])));
  return { files: await Promise.all(files), what: "development photographs (val)" };
}

const listed = async (kind) => (await readdir(join(PHOTOGRAPHS, kind))).filter((name) => name.endsWith(".jpg")).sort();

/** Blotches of many sizes, about as hard to decode as a photograph and free of licences. */
function drawn(count) {
  const { PNG } = createRequire(join(ROOT, "extension/package.json"))("pngjs");
  return Array.from({ length: count }, (_, seed) => {
    const png = new PNG({ width: 256, height: 192 });
    for (let at = 0; at < png.data.length; at++) {
      const pixel = at >> 2;
      const wave = Math.sin((pixel % 256) / (3 + (seed % 17))) + Math.cos((pixel >> 8) / (5 + (seed % 11)));
      png.data[at] = at % 4 === 3 ? 255 : 128 + 60 * wave + ((pixel * 2654435761 * (seed + 1)) >>> 28);
    }
    return PNG.sync.write(png);
  });
}

/** Serves pages at `page`, and the same pictures from a host that allows CORS and from one that does not. */
export async function open(files) {
  const servers = {
    page: await serve((path) => pageAt(path, urls)),
    cors: await serve((path) => pictureAt(path, files), { "Access-Control-Allow-Origin": "*" }),
    plain: await serve((path) => pictureAt(path, files)),
  };
  const urls = {};
  for (const [name, { port }] of Object.entries(servers)) urls[name] = `http://${name}.localhost:${port}`;
  return { urls, close: () => Object.values(servers).forEach(({ server }) => server.close()) };
}

/** `?latency=200` in an address keeps the answer back for 200 ms. */
async function serve(answer, headers = {}) {
  const server = createServer((request, response) => {
    const address = new URL(request.url, "http://host");
    const found = answer(address);
    setTimeout(() => {
      const type = Buffer.isBuffer(found) ? sniffed(found) : "text/html; charset=utf-8";
      response.writeHead(found === undefined ? 404 : 200, {
        "Content-Type": type,
        "Cache-Control": "max-age=600",
        ...headers,
      });
      response.end(found);
    }, Number(address.searchParams.get("latency") ?? 0));
  });
  // A browser that finds its connection closed asks again, which would be counted as time.
  server.keepAliveTimeout = 60_000;
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, port: server.address().port };
}

const sniffed = (data) => (data[0] === 0x89 ? "image/png" : "image/jpeg");

const pictureAt = ({ pathname }, files) => files[Number(pathname.slice(1)) % files.length];

function pageAt({ pathname, searchParams: wish }, urls) {
  if (pathname === "/gallery") return gallery(Number(wish.get("count")), wish, urls);
  if (pathname === "/feed") return feed(Number(wish.get("count")), wish, urls);
  return undefined;
}

const html = (body) => `<!doctype html><meta charset="utf-8"><title>bench</title><body>${body}</body>`;

/** Addresses of their own in every run, so that no cache of an earlier one answers. */
const pictureUrl = (n, wish, urls) =>
  `${n % 2 === 0 ? urls.cors : urls.plain}/${n}?run=${wish.get("run")}&latency=${wish.get("latency") ?? 0}`;

function gallery(count, wish, urls) {
  const images = Array.from(
    { length: count },
    (_, n) => `<img src="${pictureUrl(n, wish, urls).replace("&", "&amp;")}" width="160" height="120">`,
  );
  return html(images.join("\n"));
}

/** Appends pictures one by one, a hundred in a task, as an endless feed does: few files, many elements. */
function feed(count, wish, urls) {
  const sources = JSON.stringify(Array.from({ length: 20 }, (_, n) => pictureUrl(2 * n, wish, urls)));
  return html(`<div id="feed"></div><script>
    const sources = ${sources};
    let n = 0;
    (function more() {
      for (const end = n + 100; n < end && n < ${count}; n++) {
        const post = document.createElement("div");
        const image = new Image(40, 30);
        image.src = sources[n % sources.length];
        post.append(image);
        feed.append(post);
      }
      if (n < ${count}) setTimeout(more, 20);
    })();
  </script>`);
}

// build/library/: the classifier as an npm package, with its types, the model and a demo page beside it.
import { build } from "esbuild";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import ts from "typescript";
import { WASM, inBrowser, version } from "./extension.mjs";
import { copyReleased } from "./model.mjs";

const SOURCE = "library";
const FOLDER = "build/library";

/**
 * Builds the package around a released model, and nothing where none has been released.
 * @param {string[]} released names of the model's files
 */
export async function buildLibrary(released) {
  await rm(FOLDER, { recursive: true, force: true });
  if (released.length === 0) return;
  await mkdir(FOLDER, { recursive: true });
  await build({ ...inBrowser, format: "esm", entryPoints: [`${SOURCE}/index.ts`], outdir: FOLDER });
  await writeFile(`${FOLDER}/index.d.ts`, await declarations(`${SOURCE}/index.ts`));
  await cp(WASM, `${FOLDER}/${basename(WASM)}`);
  await copyReleased(released, `${FOLDER}/model`);
  await cp(`${SOURCE}/README.md`, `${FOLDER}/README.md`);
  await cp("../LICENSE", `${FOLDER}/LICENSE`);
  for (const name of ["index.html", "demo.css"]) await cp(`${SOURCE}/demo/${name}`, `${FOLDER}/demo/${name}`);
  // Not bundled: it uses the package as any page would.
  await build({ entryPoints: [`${SOURCE}/demo/demo.ts`], outdir: `${FOLDER}/demo`, target: "es2022", format: "esm" });
  const described = JSON.parse(await readFile(`${SOURCE}/package.json`, "utf8"));
  await writeFile(`${FOLDER}/package.json`, `${JSON.stringify({ ...described, version: await version() }, null, 2)}\n`);
}

/**
 * What a module exports; it may name no type of another one.
 * @param {string} path
 */
async function declarations(path) {
  const { outputText, diagnostics = [] } = ts.transpileDeclaration(await readFile(path, "utf8"), {
    fileName: path,
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ES2022, isolatedDeclarations: true, stripInternal: true },
  });
  const [wrong] = diagnostics;
  if (wrong !== undefined) throw new Error(`${path}: ${ts.flattenDiagnosticMessageText(wrong.messageText, " ")}`);
  return outputText;
}

// Builds everything the pages load into hirnok/ui/static/built/ (git-ignored, inside the wheel).
import { build } from "esbuild";
import { copyFile, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.resolve(here, "../static/built");
const PUBLIC_LIMIT = 40 * 1024; // the page itself has the rest of the 60 kB

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await build({
  entryPoints: ["app.css", "app.js", "theme.js", "public.css", "charts.js", "proof.js"].map((name) => path.join(here, name)),
  outdir: out,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["chrome123", "firefox120", "safari17.5"],
  legalComments: "linked",
  logLevel: "warning",
});
await writeFile(path.join(out, "icons.svg"), await sprite());
await copyFile(path.join(here, "favicon.svg"), path.join(out, "favicon.svg"));
const { size } = await stat(path.join(out, "public.css"));
if (size > PUBLIC_LIMIT) throw new Error(`public.css has ${size} bytes, at most ${PUBLIC_LIMIT} are allowed`);

async function sprite() {
  const folder = path.join(path.dirname(createRequire(import.meta.url).resolve("@tabler/icons/package.json")), "icons/outline");
  const names = JSON.parse(await readFile(path.join(here, "icons.json"), "utf8"));
  const symbols = await Promise.all(names.map((name) => symbol(folder, name)));
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`;
}

async function symbol(folder, name) {
  const source = await readFile(path.join(folder, `${name}.svg`), "utf8").catch(() => {
    throw new Error(`icons.json names "${name}", which @tabler/icons does not have`);
  });
  const inner = source.replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "").replace(/\s*\n\s*/g, "");
  return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${inner}</symbol>`;
}

/** Builds dist/ from src/. With --check nothing is written: it fails if dist/ is not what src/ gives, or is too large. */

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, transform } from "esbuild";
import { parse } from "yaml";

const HERE = dirname(fileURLToPath(import.meta.url));
const HELPLINES = join(HERE, "..", "..", "knowledge", "helplines.yml");
const LANGUAGES = ["en", "es"];
// Bytes after gzip -9: what a page costs before the chat is opened, and with the chat open.
const LIMITS = { "askwell.js": 2_048, page: 15_360 };

/** Emergency and crisis line of each country, as the widget shows them while the server can't be reached. */
function helplines() {
  const { countries } = parse(readFileSync(HELPLINES, "utf8"));
  return Object.fromEntries(
    Object.entries(countries).map(([country, { lines }]) => [
      country,
      ["emergency", "suicide"]
        .map((need) => lines.find((line) => line.need === need))
        .filter(Boolean)
        .map(({ name, contact, href }) => [name, contact, href.replace("tel:", "")].join("|")),
    ]),
  );
}

/** Only their numbers, for the loader. */
function numbers() {
  return Object.fromEntries(
    Object.entries(helplines()).map(([country, lines]) => [country, lines.map((line) => line.split("|")[2]).join(" ")]),
  );
}

const sources = (language) => ({
  name: "sources",
  setup(building) {
    const made = { "askwell:helplines": helplines(), "askwell:numbers": numbers() };
    building.onResolve({ filter: /^askwell:words$/ }, () => ({ path: join(HERE, "src", "strings", `${language}.json`) }));
    building.onResolve({ filter: /^askwell:/ }, ({ path }) => ({ path, namespace: "made" }));
    building.onLoad({ filter: /./, namespace: "made" }, ({ path }) => ({
      contents: JSON.stringify(made[path]),
      loader: "json",
    }));
    building.onLoad({ filter: /\.css$/ }, async ({ path }) => ({
      contents: (await transform(readFileSync(path, "utf8"), { loader: "css", minify: true })).code.trim(),
      loader: "text",
    }));
  },
});

async function bundle(entry, language, define) {
  const { outputFiles } = await build({
    entryPoints: [join(HERE, "src", entry)],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    charset: "utf8",
    target: ["chrome111", "firefox121", "safari16.4"],
    plugins: [sources(language)],
    define,
  });
  return Buffer.from(outputFiles[0].contents);
}

const integrity = (bytes, kind = "sha384") => `${kind}-${createHash(kind).update(bytes).digest("base64")}`;

// One panel for each language, so that a further language costs nobody anything.
const built = {};
for (const language of LANGUAGES) {
  built[`askwell-${language}.js`] = await bundle("panel.ts", language, { LANGUAGE: JSON.stringify(language) });
}
// The loader carries the panels' hashes, so the hash of the loader stands for all.
const hashes = LANGUAGES.map((language) => [language, integrity(built[`askwell-${language}.js`], "sha256")]);
built["askwell.js"] = await bundle("askwell.ts", "en", { INTEGRITY: JSON.stringify(Object.fromEntries(hashes)) });

const sizes = Object.fromEntries(Object.entries(built).map(([name, bytes]) => [name, gzipSync(bytes, { level: 9 }).length]));
const loader = sizes["askwell.js"];
sizes.page = loader + Math.max(...LANGUAGES.map((language) => sizes[`askwell-${language}.js`]));

const faults = Object.entries(LIMITS)
  .filter(([name, limit]) => sizes[name] > limit)
  .map(([name, limit]) => `${name}: ${sizes[name]} bytes gzipped, at most ${limit} are allowed`);
for (const [name, bytes] of Object.entries(built)) {
  const path = join(HERE, "dist", name);
  if (!process.argv.includes("--check")) writeFileSync(path, bytes);
  else if (!readFileSync(path).equals(bytes)) faults.push(`dist/${name} is not what src/ gives; run: make widget`);
}
console.log(JSON.stringify({ gzipped: sizes, integrity: integrity(built["askwell.js"]) }, null, 1));
if (faults.length) {
  console.error(faults.join("\n"));
  process.exit(1);
}

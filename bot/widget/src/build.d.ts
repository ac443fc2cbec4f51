/** What the build provides: styles as text, help lines by country, their bare numbers, the panels' hashes, the language. */

declare module "*.css" {
  const css: string;
  export default css;
}

declare module "askwell:helplines" {
  const countries: Record<string, string[]>;
  export default countries;
}

declare module "askwell:numbers" {
  const countries: Record<string, string>;
  export default countries;
}

declare const INTEGRITY: Record<"en" | "es", string>;
declare const LANGUAGE: string;

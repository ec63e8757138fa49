import type { Arguments } from "./arguments.ts";

/** Languages that Portolan speaks. */
export const locales = ["en", "zh-cn"] as const;
export type Locale = (typeof locales)[number];

/**
 * The language of an answer: the one asked for, else, in text, that of the environment. What programs read is English
 * unless they ask for another language.
 */
export function chooseLocale({ given }: Arguments, env: Readonly<Record<string, string | undefined>>): Locale {
  const asked = locales.find((locale) => locale === given.get("locale")?.at(-1));
  if (asked) return asked;
  const forPrograms = (given.get("format")?.at(-1) ?? "text") !== "text";
  const ofSystem = env["LC_ALL"] || env["LC_MESSAGES"] || env["LANG"] || "";
  return !forPrograms && /^zh(?:[_-](?:CN|Hans)|$)/i.test(ofSystem) ? "zh-cn" : "en";
}

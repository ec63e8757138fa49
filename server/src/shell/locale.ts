import simplifiedChinese from "../../../l10n/bundle.l10n.zh-cn.json" with { type: "json" };
import type { Bundle } from "../core/base/message.ts";

/** The words of an editor's display language, such as `zh-cn`; English for any that there is no translation into. */
export function bundleFor(locale: string | undefined): Bundle {
  return /^zh(?:[-_](?:cn|sg|hans).*)?$/i.test(locale ?? "") ? simplifiedChinese : {};
}

import type { Message } from "../base/message.ts";
import type { SourceRange } from "../base/source.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { Manifest, ParsedFile } from "../manifest/model.ts";
import type { Severity } from "../settings/severity.ts";

/** What a rule looks at: manifests of one type, any manifest, or the files whose reading brought up problems. */
export type Subjects = { readonly [Type in Manifest["type"]]: Extract<Manifest, { readonly type: Type }> } & {
  readonly Object: Manifest;
  readonly File: ParsedFile;
};

/**
 * One thing that can be wrong, and how to see it. A check may look at the whole cluster but reports only on the subject
 * it was handed; it yields, and does not filter, sort or suppress.
 */
export interface Rule<On extends keyof Subjects = keyof Subjects> {
  readonly id: string;
  readonly on: On;
  /** Of an instance that is certain, unless the reader's settings say otherwise. */
  readonly severity: Severity;
  readonly title: Message;
  readonly why: Message;
  readonly remedy: Message;
  /** Where Kubernetes says so. */
  readonly source: string;
  /** How it decides, for its page in the documentation; in Markdown, English. */
  readonly details: string;
  check(subject: Subjects[On], cluster: Cluster): Iterable<Finding>;
}

/** One instance of a defect. */
export interface Finding {
  /** One token, a key or a scalar. */
  readonly range: SourceRange;
  /** This instance only: names, numbers, namespace. */
  readonly message: Message;
  /** The other half of the disagreement. */
  readonly related: readonly Related[];
  /** The safest one first; every one leaves the file as valid as it was. */
  readonly fixes: readonly Fix[];
  /** The evidence carries no more than this, whatever the settings say; absent where it is certain. */
  readonly atMost?: Severity;
}

export interface Related {
  readonly range: SourceRange;
  readonly message: Message;
}

export interface Fix {
  readonly title: Message;
  readonly edits: readonly TextEdit[];
}

/** Replaces a range, in whatever document it lies. */
export interface TextEdit {
  readonly range: SourceRange;
  readonly newText: string;
}

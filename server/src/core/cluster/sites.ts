import type { DocumentUri } from "../base/source.ts";
import type { Manifest, ServiceManifest } from "../manifest/model.ts";
import { commonFolder, folderOf, isWithin } from "../workspace/folders.ts";
import type { Snapshot } from "../workspace/snapshot.ts";
import { heldByCopies } from "./copies.ts";
import { isOpen } from "./manifests.ts";
import { namedAmong } from "./namespaces.ts";
import { type Scope, scopeAt } from "./scope.ts";
import { splitVariants, type Variant } from "./variants.ts";

/** Where one scope of a Service lies, and what the Service meets there. */
export interface Site<M extends Manifest = Manifest> {
  readonly members: readonly M[];
  readonly scope: Scope;
  /** A text to look around from: the Service's own, or where there are several sites one of this site. */
  readonly from: DocumentUri;
  /** The namespace that the Service or what it meets there names; `undefined` where all of them leave it open. */
  readonly namespace: string | undefined;
  /** Whether a manifest lies there, and is neither another site's nor that of a copy of the Service. */
  readonly holds: (manifest: Manifest) => boolean;
}

/**
 * One site for each variant of what a Service meets, and for each namespace that is named there: a Service that leaves
 * its own open is in one of them at a time.
 * @param folder where it was found: in this folder or below
 */
export const sitesOf = <M extends Manifest>(
  snapshot: Snapshot,
  service: ServiceManifest,
  folder: string,
  found: readonly M[],
): readonly Site<M>[] =>
  splitVariants(found).flatMap((variant) =>
    splitNamespaces(service, variant).map((choice) => siteOf(snapshot, service, folder, choice)),
  );

/** A variant as it is in one namespace. */
interface Choice<M extends Manifest> extends Variant<M> {
  readonly namespace: string | undefined;
  /** The first manifest that only this choice has. */
  readonly own: Manifest | undefined;
}

function splitNamespaces<M extends Manifest>(service: ServiceManifest, variant: Variant<M>): readonly Choice<M>[] {
  const { members, tree } = variant;
  const ownOf = (some: readonly M[]): M | undefined =>
    some.find(({ range }) => tree !== undefined && isWithin(range.uri, tree));
  if (!isOpen(service)) return [{ ...variant, namespace: service.namespace.value, own: ownOf(members) }];
  const named = members.filter((member) => !isOpen(member));
  const names = new Set(named.map(({ namespace }) => namespace.value));
  if (names.size < 2) return [{ ...variant, namespace: namedAmong(members), own: ownOf(members) }];
  return [...names].sort().map((namespace) => {
    const isThere = (member: M): boolean => member.namespace.value === namespace;
    const there = named.filter(isThere);
    const together = members.filter((member) => isOpen(member) || isThere(member));
    return { ...variant, members: together, namespace, own: ownOf(there) ?? ownOf(together) ?? there[0] };
  });
}

function siteOf<M extends Manifest>(
  snapshot: Snapshot,
  service: ServiceManifest,
  folder: string,
  { members, tree, isElsewhere, namespace, own }: Choice<M>,
): Site<M> {
  const { uri } = service.range;
  let scope: Scope | undefined;
  let isHeld: ReturnType<typeof heldByCopies> | undefined;
  return {
    members,
    from: (own ?? service).range.uri,
    namespace,
    // Of most Services nobody asks for these, so they are found when somebody does.
    get scope() {
      scope ??= scopeAt(snapshot, uri, tree ?? commonHome(folder, service, members));
      return scope;
    },
    holds(manifest) {
      const text = manifest.range.uri;
      isHeld ??= heldByCopies(snapshot, service);
      const isThere = namespace === undefined || isOpen(manifest) || manifest.namespace.value === namespace;
      return isThere && isWithin(text, folder) && !isElsewhere(text) && !isHeld(text);
    },
  };
}

/** The deepest folder that holds a Service and what it meets, as far as that was looked through. */
function commonHome(folder: string, service: ServiceManifest, members: readonly Manifest[]): string {
  const shared = members.reduce(
    (common, { range }) => commonFolder(common, folderOf(range.uri)),
    folderOf(service.range.uri),
  );
  return members.length > 0 && isWithin(shared, folder) ? shared : folder;
}

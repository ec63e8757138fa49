import type { WorkloadManifest } from "./model.ts";

/**
 * Whether a controller gives such a name to a Pod that it makes for a workload, directly or through what it makes first:
 * `db-0` of a StatefulSet, `web-7d4b9c6f5b-x2x7z` of a Deployment.
 * Source: kubernetes/apiserver pkg/storage/names, kubernetes/apimachinery pkg/util/rand, and the controllers.
 */
export function isNameOfPod(name: string, { kind, name: maker, completions }: NamingWorkload): boolean {
  switch (kind.value) {
    case "StatefulSet":
      return followed(name, maker.value, /^-(?:0|[1-9]\d*)$/);
    case "Deployment":
    case "Rollout":
      return followed(name, maker.value, ofReplicaSet);
    case "CronJob":
      return followed(name, maker.value, completions === undefined ? ofJobRun : ofIndexedJobRun);
    case "Job":
      return completions === undefined
        ? isGenerated(name, `${maker.value}-`)
        : followed(name, maker.value, ofIndexedJob);
    case "DeploymentConfig":
      return followed(name, maker.value, /^-\d+-[a-z0-9]{5}$/);
    case "ReplicationController":
      return isGenerated(name, `${maker.value}-`, /^[a-z0-9]{5}$/);
    default:
      return isGenerated(name, `${maker.value}-`);
  }
}

/** What names depend on. */
export type NamingWorkload = Pick<WorkloadManifest, "kind" | "name" | "completions">;

/**
 * Whether a controller gives such a name to what it makes of a workload on the way to its pods: a ReplicaSet of a
 * Deployment, a Job of a CronJob, a ReplicationController of a DeploymentConfig.
 * @param hash what the labels say that the name ends in; `undefined` where they do not
 */
export function isNameOfPart(name: string, { kind, name: maker }: NamingWorkload, hash: string | undefined): boolean {
  switch (kind.value) {
    case "Deployment":
    case "Rollout":
      return hash === undefined ? followed(name, maker.value, hashed) : name === `${maker.value}-${hash}`;
    case "CronJob":
      return followed(name, maker.value, /^-\d{4,10}$/);
    case "DeploymentConfig":
      return followed(name, maker.value, /^-\d+$/);
    default:
      return false;
  }
}

/** Every name that whatever made a workload may have; none for one that was not dumped. */
export function namesOfMakers({ kind, name, owner, observed, template }: WorkloadManifest): ReadonlySet<string> {
  const isPart = kind.value === "ReplicaSet" || kind.value === "ReplicationController";
  if (owner === undefined && observed === undefined && !isPart) return noNames;
  const label = (key: string): string | undefined =>
    template.labels.entries.findLast((entry) => entry.key.value === key)?.value.value;
  const labelled = makersLabels.flatMap((key) => label(key) ?? []);
  if (owner !== undefined) {
    const isOnTheWay = /^(?:ReplicaSet|Job|ReplicationController)$/.test(owner.kind.value);
    return new Set([owner.name.value, ...(isOnTheWay ? possibleMakers(owner.name.value) : []), ...labelled]);
  }
  const isDumped = observed !== undefined || hashLabels.some(label);
  return isDumped ? new Set([...possibleMakers(name.value), ...labelled]) : noNames;
}

const noNames: ReadonlySet<string> = new Set();

/** Labels in which controllers write the name of what made the pods. */
const makersLabels = [
  "job-name",
  "deploymentconfig",
  "serving.knative.dev/service",
  "serving.knative.dev/configuration",
  "vm.kubevirt.io/name",
] as const;

/** Labels that only the controllers of Deployments, Rollouts and DeploymentConfigs give. */
const hashLabels = ["pod-template-hash", "rollouts-pod-template-hash", "deploymentconfig"] as const;

/**
 * Names of workloads that may have made something of this name, by the name alone: what stands before its last parts, and
 * what is left of a name that was cut.
 */
function possibleMakers(name: string): readonly string[] {
  const parts = name.split("-");
  const beginnings = [1, 2, 3].flatMap((count) => (parts.length > count ? [parts.slice(0, -count).join("-")] : []));
  return name.length === LONGEST_BEGINNING + 5 ? [...beginnings, name.slice(0, LONGEST_BEGINNING)] : beginnings;
}

/** The key under which a workload finds what may have been made of a cut form of its name; `undefined` for short names. */
export const cutName = (maker: string): string | undefined =>
  maker.length >= LONGEST_BEGINNING ? `${maker}-`.slice(0, LONGEST_BEGINNING) : undefined;

const followed = (name: string, maker: string, suffix: RegExp): boolean =>
  maker !== "" && name.startsWith(maker) && suffix.test(name.slice(maker.length));

/** A name that is generated from a beginning, which is cut where the whole would be too long for a label. */
function isGenerated(name: string, beginning: string, suffix = random): boolean {
  const kept = beginning.slice(0, LONGEST_BEGINNING);
  return kept !== "-" && name.startsWith(kept) && suffix.test(name.slice(kept.length));
}

/** Five characters are added to no more than these. */
const LONGEST_BEGINNING = 58;

/** The alphabet of generated names, which spells no words. */
const CHARACTER = "[bcdfghjklmnpqrstvwxz2456789]";
const random = new RegExp(`^${CHARACTER}{5}$`);
const hashed = new RegExp(`^-(?:${CHARACTER}{1,10}|\\d{1,10})$`);
/** Former releases wrote the hash as a number, and took any character. */
const ofReplicaSet = new RegExp(`^-(?:${CHARACTER}{1,10}-${CHARACTER}{5}|\\d{1,10}-[a-z0-9]{5})$`);
const ofIndexedJob = new RegExp(`^-\\d+-${CHARACTER}{5}$`);
const ofJobRun = new RegExp(`^-\\d{4,10}-${CHARACTER}{5}$`);
const ofIndexedJobRun = new RegExp(`^-\\d{4,10}-\\d+-${CHARACTER}{5}$`);

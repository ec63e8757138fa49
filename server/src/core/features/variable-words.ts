import { type Message, message, quote } from "../base/message.ts";
import type { ServiceVariable } from "../cluster/env.ts";
import type { MissingVariable } from "../cluster/simulation/stop-reason.ts";
import { markOf } from "./layout.ts";
import { nameOf } from "./naming.ts";

/** `CART_SERVICE_HOST=10.96.0.20`, marked if the address in it is simulated. */
export function variableText({ name, value, origin }: Pick<ServiceVariable, "name" | "value" | "origin">): string {
  // Only values with an address in them can be simulated.
  const mark = markOf(origin);
  return `${name}=${value.includes("://") ? value.replace("://", `://${mark}`) : `${mark}${value}`}`;
}

/** Why a variable has no value, or none that is known. */
export function describeMissing(name: string, why: MissingVariable): Message {
  const variable = `$${name}`;
  switch (why.kind) {
    case "no-container":
      return message`only containers get variables about Services, so nothing sets ${variable} here`;
    case "own":
      return message`the container sets ${variable} itself: to what, is not looked at`;
    case "contested":
      return message`two Services make ${variable}; which of them wins is not defined`;
    case "nobody":
      return message`no Service makes ${variable}`;
    case "headless":
      return message`${nameOf(why.service)} is headless: without a cluster IP it makes no variables`;
    case "external-name":
      return message`${nameOf(why.service)} is an ExternalName: without a cluster IP it makes no variables`;
    case "no-links":
      return message`with ${"enableServiceLinks: false"} the pod gets no variables of ${nameOf(why.service)}`;
    case "other-namespace":
      return message`${nameOf(why.service)} is in namespace ${quote(why.service.namespace.value)}: a pod in ${quote(why.namespace)} gets no variables of it`;
    case "other-port":
      return message`${nameOf(why.service)} makes no variable ${variable}`;
  }
}

/** What to call instead. */
export function describeInstead(why: MissingVariable): Message | undefined {
  switch (why.kind) {
    case "nobody":
    case "other-port":
      return why.similar === undefined ? undefined : message`write ${quote(`$${why.similar}`)}, if that is meant`;
    case "headless":
    case "external-name":
    case "no-links":
    case "other-namespace": {
      const { name, namespace } = why.service;
      return message`call it by its name: ${quote(`${name.value}.${namespace.value}`)}`;
    }
    case "no-container":
    case "own":
    case "contested":
      return undefined;
  }
}

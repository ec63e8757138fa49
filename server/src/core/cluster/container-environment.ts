import type { Container, PodTemplate } from "../manifest/model.ts";
import { type ServiceVariable, serviceEnvironment } from "./env.ts";
import type { View } from "./view.ts";

/** The variables about Services that a container gets which starts where a view shows it. */
export function containerEnvironment(
  { profile, services, plan }: View,
  namespace: string,
  { enableServiceLinks }: Pick<PodTemplate, "enableServiceLinks">,
  { env }: Pick<Container, "env">,
): readonly ServiceVariable[] {
  const addressed = services.map((service) => ({
    service,
    clusterIPs: plan.services.get(service)?.clusterIPs ?? [],
  }));
  return serviceEnvironment(profile, { namespace, enableServiceLinks, own: env }, addressed);
}

// @ts-check
/** Services as kube-proxy sees them, the same ones for the same number. */

/**
 * What a kube-proxy of one node reads in a cluster of some number of Services with three endpoints each. One in ten has a
 * node port, one in ten a load balancer, one in twenty session affinity.
 * @param {number} services up to 65,536
 */
export const proxyInput = (services) => ({
  family: "IPv4",
  node: { name: "node-1", addresses: ["192.168.10.11"], podCIDRs: ["10.128.0.0/24"], zone: undefined },
  servicePorts: Array.from({ length: services }, (_, index) => servicePort(index)),
});

/** The name by which a pod of any namespace calls the Service of a number. */
export const nameOf = (/** @type {number} */ index) => `app-${index}.team-${Math.floor(index / 40)}`;

/** The cluster IP of the Service of a number. */
export const clusterIPOf = (/** @type {number} */ index) => `10.96.${index >> 8}.${index & 255}`;

/** @param {number} index */
function servicePort(index) {
  const [service, namespace] = nameOf(index).split(".");
  const hasLoadBalancer = index % 10 === 4;
  // The range of node ports has room for 2768; the others of a larger cluster go without.
  const wantsNodePort = (hasLoadBalancer || index % 10 === 7) && index < 13_000;
  return {
    namespace,
    service,
    portName: "http",
    protocol: "TCP",
    clusterIP: clusterIPOf(index),
    port: 80,
    nodePort: wantsNodePort ? 30_000 + Math.floor(index / 5) : undefined,
    externalIPs: [],
    loadBalancerVIPs: hasLoadBalancer ? [`203.0.${index >> 8}.${index & 255}`] : [],
    sourceRanges: [],
    internalTrafficPolicy: "Cluster",
    externalTrafficPolicy: "Cluster",
    affinitySeconds: index % 20 === 0 ? 10_800 : undefined,
    healthCheckNodePort: undefined,
    topologyModeAuto: false,
    endpoints: [0, 1, 2].map((replica) => endpoint(index * 3 + replica, replica)),
    because: undefined,
  };
}

/**
 * @param {number} pod
 * @param {number} replica
 */
const endpoint = (pod, replica) => ({
  ip: `10.${128 + (pod >> 16)}.${(pod >> 8) & 255}.${pod & 255}`,
  port: 8080,
  nodeName: `node-${replica + 1}`,
  ready: true,
  serving: true,
  terminating: false,
  zoneHints: [],
  nodeHints: [],
  label: `pod-${pod}`,
  because: undefined,
});

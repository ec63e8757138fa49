import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { isFrom, type ProxyInput } from "../../src/core/cluster/kube-proxy/proxy-input.ts";
import { restrictFilter } from "../../src/core/cluster/packet-filter.ts";
import { generateFilter } from "../../src/core/cluster/proxy.ts";
import { filterLines } from "../../src/core/features/rules-sections.ts";
import { input } from "./arbitraries.ts";

describe("the rules of one Service, written for it alone, are those that it has among all others", () => {
  for (const mode of ["iptables", "nftables"] as const) {
    test(`in ${mode} mode`, () => {
      fc.assert(
        fc.property(input, (drawn) => {
          const [first] = drawn.servicePorts;
          // Up to 1.23 a chain may stand there that nothing leads to: among others it cannot be told from theirs.
          fc.pre(first !== undefined && isFrom(drawn.config.release, 24));
          const isOwn = (port: { namespace: string; service: string }): boolean =>
            port.namespace === first.namespace && port.service === first.service;
          const others = drawn.servicePorts.filter((port) => !isOwn(port));
          const alone: ProxyInput = {
            ...drawn,
            servicePorts: drawn.servicePorts.filter(isOwn),
            otherEndpoints: others.reduce((sum, { endpoints }) => sum + endpoints.length, 0),
          };
          for (const form of ["save", "restore"] as const) {
            assert.deepEqual(
              filterLines(generateFilter(mode, alone), form),
              filterLines(restrictFilter(generateFilter(mode, drawn), isOwn), form),
            );
          }
        }),
      );
    });
  }
});

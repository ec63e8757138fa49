import { cut } from "../base/cut.ts";
import { list, type Message, message, quote } from "../base/message.ts";
import type { DnsAnswer, NoData, NoName } from "../cluster/dns-answer.ts";
import type { DnsRecord } from "../cluster/dns-records.ts";
import { markOf } from "./layout.ts";
import { nameOf } from "./naming.ts";

/** What a DNS server said: records, or why there are none. */
export function describeAnswer(answer: DnsAnswer): Message {
  switch (answer.kind) {
    case "records":
      return recordList(answer.records);
    case "nodata":
      return message`NODATA`;
    case "nxdomain":
      return message`NXDOMAIN`;
    case "elsewhere":
      return answer.records.length > 0
        ? message`${recordList(answer.records)}; a server outside the cluster knows the rest`
        : message`a server outside the cluster may know it`;
  }
}

function recordList(records: readonly DnsRecord[]): Message {
  const { shown, more } = cut(records, MOST_RECORDS);
  const texts = list(shown.map(recordText), "comma");
  return more > 0 ? message`${texts} and ${more} more` : message`${texts}`;
}

const MOST_RECORDS = 8;

/** `A 10.96.0.80`, `CNAME my.example.com`, `SRV 0 100 80 web.shop.svc.cluster.local`. */
const recordText = (record: DnsRecord): string => `${record.type} ${recordData(record)}`;

/** What stands behind the type of a record. */
export function recordData(record: DnsRecord): string {
  switch (record.type) {
    case "A":
    case "AAAA":
      return `${markOf(record.origin)}${record.ip}`;
    case "CNAME":
    case "PTR":
      return record.target;
    case "SRV":
      return `${record.priority} ${record.weight} ${record.port} ${record.target}`;
  }
}

/** Why a name does not exist. */
export function describeNoName(because: NoName): Message {
  switch (because.kind) {
    case "no-service":
      if (because.name === "") return message`nothing is known of namespace ${quote(because.namespace)}`;
      return because.namespaceKnown
        ? message`namespace ${quote(because.namespace)} has no Service ${quote(because.name)}`
        : message`no manifest here puts a Service ${quote(because.name)} in namespace ${quote(because.namespace)}`;
    case "no-endpoints":
      return message`${nameOf(because.service.service)} is headless and has no ready endpoint, so its name does not exist`;
    case "no-host":
      return message`${nameOf(because.service.service)} has no endpoint with the host name ${quote(because.host)}`;
    case "no-port":
      return message`${nameOf(because.service.service)} has no port of this name and protocol`;
    case "no-external-name":
      return message`the externalName of ${nameOf(because.service.service)} is empty or an IP address`;
    case "no-such-form":
      return message`no name of the cluster has this form`;
    case "not-cluster-dns":
      return message`the DNS server that is asked knows no names of the cluster`;
  }
}

/** Why a name that exists has no address. */
export function describeNoData(because: NoData): Message {
  switch (because.kind) {
    case "not-a-service":
      return message`the name only holds other names`;
    case "no-address":
      return message`${nameOf(because.service.service)} has no cluster IP: the cluster has no Service CIDR of its family, or none left`;
    case "dangling-alias":
      return message`${nameOf(because.service.service)} leads to ${quote(because.target)}, which does not exist`;
    case "alias-loop":
      return message`${nameOf(because.service.service)} leads back to itself`;
  }
}

/** A Service and its Deployment that the tests edit: small, and alone in a namespace of its own. */

import type * as vscode from "vscode";
import { openNew } from "./workbench.ts";

/** The cluster DNS name of the Service. */
export const beaconName = "beacon.lights.svc.cluster.local";

const manifests = `apiVersion: v1
kind: Service
metadata:
  name: beacon
  namespace: lights
spec:
  selector:
    app: beacon
  ports:
    - name: http
      port: 80
      targetPort: 8080
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: lamp
  namespace: lights
spec:
  replicas: 2
  selector:
    matchLabels:
      app: beacon
  template:
    metadata:
      labels:
        app: beacon
    spec:
      containers:
        - name: lamp
          image: lamp:1
          ports:
            - containerPort: 8080
`;

/** Opens the manifests as a new file of the folder; two ready pods stand behind the Service. */
export function openBeacon(path: string): Promise<vscode.TextDocument> {
  return openNew(path, manifests);
}

/** The first line of the Service's selector, and the same line with a slip of the pen. */
export const selector = { right: "    app: beacon", wrong: "    app: beakon" };

/** A Service and its pods in two files, as the tests of the server edit them. */

/** The folder that the editor opened. */
export const root = "file:///repo";

export const service = `${root}/shop/service.yaml`;
export const deployment = `${root}/shop/deployment.yaml`;

export const serviceText = `apiVersion: v1
kind: Service
metadata:
  name: web
  namespace: shop
spec:
  selector:
    app: web
  ports:
    - name: http
      port: 80
      targetPort: 8080
`;

export const deploymentText = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  replicas: 3
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
        - name: web
          image: web:1
          args: ["--verbose"]
          ports:
            - name: http
              containerPort: 8080
`;

/** The Service with a slip of the pen in its selector. */
export const orphanText = serviceText.replace("app: web", "app: wbe");

/** Both files as they should be. */
export const shop = (): Record<string, string> => ({ [service]: serviceText, [deployment]: deploymentText });

/** The file of settings in the root. */
export const settingsFile = `${root}/.portolan.yaml`;

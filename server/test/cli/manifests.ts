/** A Service on port 80 that selects `app: NAME`. */
export const service = (name: string, spec = ""): string => `apiVersion: v1
kind: Service
metadata:
  name: ${name}
spec:
  selector:
    app: ${name}
  ports:
    - name: http
      port: 80
      targetPort: http
${spec}`;

/** A Deployment of two pods with `app: NAME`, and a container port `http`. */
export const deployment = (name: string, label = name): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  replicas: 2
  selector:
    matchLabels:
      app: ${label}
  template:
    metadata:
      labels:
        app: ${label}
    spec:
      containers:
        - name: main
          image: example
          ports:
            - name: http
              containerPort: 8080
`;

/** Several documents in one text. */
export const documents = (...texts: readonly string[]): string => texts.join("---\n");

import { createConnection, ProposedFeatures } from "vscode-languageserver/node";
import { diskFiles } from "../shell/files-node.ts";
import { packagedDocumentation } from "./documentation-node.ts";
import { startServer } from "./server.ts";
import { temporaryTexts } from "./temporary-node.ts";

const connection = createConnection(ProposedFeatures.all);
startServer(connection, {
  files: diskFiles,
  documentation: packagedDocumentation(),
  keepText: temporaryTexts(),
});
connection.listen();

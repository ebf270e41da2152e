/** The settings of the window, as its user wrote them. */

import * as os from "os";
import * as vscode from "vscode";

export type Level = "error" | "warning" | "info" | "debug";

export interface Settings {
  readonly isEnabled: boolean;
  /** The command to start; empty for the selected environment's. */
  readonly path: string;
  readonly policy: string;
  readonly config: string;
  readonly logLevel: Level;
  /** Keys of a configuration file, which hold above those of files. */
  readonly overrides: Record<string, unknown>;
}

/** The settings for a folder. In a window that is not trusted, VS Code leaves out the folder's own paths. */
export function settingsFor(folder: vscode.WorkspaceFolder | undefined): Settings {
  const values = vscode.workspace.getConfiguration("hpolint", folder?.uri);
  const overrides: Record<string, unknown> = {};
  const select = values.get<string[] | null>("select");
  if (select) {
    overrides.select = select;
  }
  const ignore = values.get<string[]>("ignore", []);
  if (ignore.length > 0) {
    overrides.ignore = ignore;
  }
  const levels = values.get<Record<string, string>>("levels", {});
  if (Object.keys(levels).length > 0) {
    overrides.levels = levels;
  }
  return {
    isEnabled: values.get<boolean>("enable", true),
    path: expanded(values.get<string>("path", ""), folder),
    policy: expanded(values.get<string>("policy", ""), folder),
    config: expanded(values.get<string>("config", ""), folder),
    logLevel: values.get<Level>("logLevel", "info"),
    overrides,
  };
}

/** A path with the home folder and the folder of the window in it. */
function expanded(path: string, folder: vscode.WorkspaceFolder | undefined): string {
  const inFolder = path.replace("${workspaceFolder}", folder?.uri.fsPath ?? "");
  return inFolder.replace(/^~(?=[\\/])/, os.homedir());
}

/** Which hpolint is started. */

import { execFile } from "child_process";
import * as os from "os";
import * as vscode from "vscode";
import { Settings } from "./settings";

const PROBE_MILLISECONDS = 30_000;
const IS_INSTALLED = "import sys; from importlib.util import find_spec; sys.exit(find_spec('hpolint') is None)";

/** A program with its first arguments. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

/** No hpolint was found. Its message says where it was looked for, and what to run. */
export class NotFoundError extends Error {}

/** The part of the Python extension's API that is used here. */
interface PythonApi {
  readonly environments?: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { readonly path: string } | undefined;
    resolveEnvironment(
      environment: unknown,
    ): Promise<{ readonly executable: { readonly uri?: vscode.Uri } } | undefined>;
    readonly onDidChangeActiveEnvironmentPath: vscode.Event<unknown>;
  };
}

/** The Python extension's API; undefined without the extension. */
export async function pythonApi(): Promise<PythonApi | undefined> {
  const extension = vscode.extensions.getExtension<PythonApi>("ms-python.python");
  if (extension === undefined) {
    return undefined;
  }
  return extension.isActive ? extension.exports : extension.activate();
}

/**
 * The command for a folder: as configured, of the selected Python environment, or on the PATH.
 *
 * An environment may be a part of the folder. It is asked only if the user trusts the folder.
 *
 * @throws NotFoundError if there is none.
 */
export async function commandFor(
  settings: Settings,
  folder: vscode.WorkspaceFolder | undefined,
): Promise<Command> {
  if (settings.path !== "") {
    if (await succeeds(settings.path, ["--version"])) {
      return { file: settings.path, args: [] };
    }
    throw new NotFoundError(`${settings.path} does not run. The setting hpolint.path names it.`);
  }
  const python = vscode.workspace.isTrusted ? await selectedPython(folder) : undefined;
  // -P: no module of the folder is imported.
  if (python !== undefined && (await succeeds(python, ["-P", "-c", IS_INSTALLED]))) {
    return { file: python, args: ["-P", "-m", "hpolint"] };
  }
  if (await succeeds("hpolint", ["--version"])) {
    return { file: "hpolint", args: [] };
  }
  throw new NotFoundError(
    python !== undefined
      ? `hpolint is neither in the selected Python environment nor on the PATH. To install it, run in a checkout of hpolint: ` +
          `${quoted(python)} -m pip install ".[server]"`
      : `hpolint is not on the PATH. To install it, run in a checkout of hpolint: python3 -m pip install ".[server]"`,
  );
}

async function selectedPython(folder: vscode.WorkspaceFolder | undefined): Promise<string | undefined> {
  const environments = (await pythonApi())?.environments;
  const selected = environments?.getActiveEnvironmentPath(folder?.uri);
  if (environments === undefined || selected === undefined) {
    return undefined;
  }
  const resolved = await environments.resolveEnvironment(selected);
  return resolved?.executable.uri?.fsPath;
}

/** Whether a program runs with exit code 0. */
function succeeds(file: string, args: readonly string[]): Promise<boolean> {
  return new Promise(resolve => {
    execFile(file, args, { cwd: os.homedir(), timeout: PROBE_MILLISECONDS }, error => resolve(error === null));
  });
}

function quoted(path: string): string {
  return path.includes(" ") ? `"${path}"` : path;
}

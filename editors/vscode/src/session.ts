/** The server of the window, from its start to its end. */

import * as vscode from "vscode";
import { Client, Observer } from "./client";
import { Command, commandFor, NotFoundError } from "./command";
import { settingsFor } from "./settings";

export interface Idle {
  readonly kind: "idle";
}

export type State =
  | Idle
  | { readonly kind: "starting" }
  | { readonly kind: "running"; readonly version: string; readonly error?: string }
  | { readonly kind: "failed"; readonly reason: string };

const SHOW_OUTPUT = "Show Output";
const SELECT_INTERPRETER = "Select Interpreter";
const HOW_TO_INSTALL = "How to Install";
const SETUP = "https://hpolint.github.io/hpolint/editors/";

/** Starts and stops servers, one after another. */
export class Session implements vscode.Disposable {
  /** The command of the last start. */
  command: Command | undefined;
  client: Client | undefined;
  private readonly changes = new vscode.EventEmitter<State>();
  readonly onDidChange = this.changes.event;
  private last: Promise<void> = Promise.resolve();
  private isWanted = false;

  constructor(
    private readonly output: vscode.OutputChannel,
    private readonly showPage: (address: string) => void,
  ) {}

  dispose(): void {
    this.changes.dispose();
  }

  /** Start the server, or start it anew. */
  restart(): Promise<void> {
    this.isWanted = true;
    return this.queue(async () => {
      await this.end();
      await this.begin();
    });
  }

  /** Start the server anew if it was to run, as after another interpreter was selected. */
  async restartIfWanted(): Promise<void> {
    if (this.isWanted) {
      await this.restart();
    }
  }

  stop(): Promise<void> {
    this.isWanted = false;
    return this.queue(() => this.end());
  }

  private queue(step: () => Promise<void>): Promise<void> {
    this.last = this.last.then(step).catch(error => this.output.appendLine(String(error)));
    return this.last;
  }

  private async end(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    this.changes.fire({ kind: "idle" });
    if (client?.needsStop()) {
      await client.stop().catch(() => undefined); // it may have ended by itself
    }
    await client?.dispose().catch(() => undefined);
  }

  private async begin(): Promise<void> {
    const folder = vscode.workspace.workspaceFolders?.[0];
    const settings = settingsFor(folder);
    if (!settings.isEnabled) {
      return;
    }
    this.changes.fire({ kind: "starting" });
    let client: Client | undefined;
    try {
      this.command = await commandFor(settings, folder);
      this.output.appendLine(`Starting ${[this.command.file, ...this.command.args, "server"].join(" ")}`);
      client = new Client(this.command, settings, this.output, this.observer());
      await client.start();
      if (!client.isRunning()) {
        throw new Error("it has ended at once"); // `start` itself does not say so
      }
    } catch (error) {
      this.fail(reasonOf(error, client?.complaint ?? ""));
      return;
    }
    this.client = client;
    this.changes.fire({ kind: "running", version: versionOf(client) });
  }

  private observer(): Observer {
    return {
      onError: message => {
        if (this.client !== undefined) {
          this.changes.fire({ kind: "running", version: versionOf(this.client), error: message });
        }
      },
      onEnd: reason => this.fail(reason),
      onPage: this.showPage,
    };
  }

  private fail(reason: string): void {
    this.changes.fire({ kind: "failed", reason });
    this.output.appendLine(reason);
    void this.tell(reason);
  }

  private async tell(reason: string): Promise<void> {
    const hasPython = vscode.extensions.getExtension("ms-python.python") !== undefined;
    const choices = [SHOW_OUTPUT, ...(hasPython ? [SELECT_INTERPRETER] : []), HOW_TO_INSTALL];
    const choice = await vscode.window.showErrorMessage(reason, ...choices);
    if (choice === SHOW_OUTPUT) {
      this.output.show();
    } else if (choice === SELECT_INTERPRETER) {
      await vscode.commands.executeCommand("python.setInterpreter");
    } else if (choice === HOW_TO_INSTALL) {
      await vscode.env.openExternal(vscode.Uri.parse(SETUP));
    }
  }
}

function versionOf(client: Client): string {
  return client.initializeResult?.serverInfo?.version ?? "";
}

/** Why a start has failed: hpolint's own words, if it has said something. */
function reasonOf(error: unknown, complaint: string): string {
  if (error instanceof NotFoundError) {
    return error.message;
  }
  const lastLine = complaint.split("\n").at(-1)?.trim() ?? "";
  if (lastLine !== "") {
    return `hpolint does not start. ${lastLine}`;
  }
  return `hpolint does not start: ${error instanceof Error ? error.message : String(error)}`;
}

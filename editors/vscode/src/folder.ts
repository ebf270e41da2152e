/** The findings of all files of the window's folders: what `hpolint check` prints, among the problems. */

import { execFile } from "child_process";
import * as path from "path";
import * as vscode from "vscode";
import { workingFolder } from "./client";
import { Command } from "./command";
import type { Session } from "./session";
import { Settings, settingsFor } from "./settings";

const MAX_BYTES = 200 * 1024 * 1024;
const SEVERITIES: Record<string, vscode.DiagnosticSeverity> = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  note: vscode.DiagnosticSeverity.Information,
};

/** A finding of the report. Lines and columns are from 1, columns in code points. */
interface Finding {
  readonly rule: string;
  readonly level: string;
  readonly message: readonly string[];
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly end_line: number;
  readonly end_column: number;
  readonly cell: number | null;
}

/** Shows what a check has found in the files that are not open: the others have their own findings. */
export class FolderCheck implements vscode.Disposable {
  private readonly shown = vscode.languages.createDiagnosticCollection("hpolint-folder");
  private readonly subscriptions: vscode.Disposable[];

  constructor(
    private readonly session: Session,
    private readonly output: vscode.OutputChannel,
  ) {
    this.subscriptions = [
      vscode.workspace.onDidOpenTextDocument(document => this.shown.delete(document.uri)),
      vscode.workspace.onDidOpenNotebookDocument(notebook => this.shown.delete(notebook.uri)),
      session.onDidChange(state => state.kind !== "running" && this.shown.clear()),
    ];
  }

  dispose(): void {
    this.shown.dispose();
    this.subscriptions.forEach(subscription => subscription.dispose());
  }

  /** Check all files, with a notification by which the user can stop it. */
  async run(): Promise<void> {
    if (this.session.client === undefined) {
      await this.session.restart();
    }
    const folder = workingFolder();
    const command = this.session.command;
    if (this.session.client === undefined || command === undefined || folder === undefined) {
      return; // a message says why, or there is no folder
    }
    const findings = await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title: "hpolint checks the folder", cancellable: true },
      (_, token) => this.findings(command, folder, token),
    );
    if (findings !== undefined) {
      await this.show(folder, findings);
    }
  }

  /** The findings of all folders; undefined if the user has stopped the check, or it has failed. */
  private findings(
    command: Command,
    folder: string,
    token: vscode.CancellationToken,
  ): Promise<readonly Finding[] | undefined> {
    const settings = settingsFor(vscode.workspace.workspaceFolders?.[0]);
    const folders = (vscode.workspace.workspaceFolders ?? []).filter(each => each.uri.scheme === "file");
    const paths = folders.map(each => each.uri.fsPath);
    const args = [...command.args, "check", ...paths, "--output", "json", "--exit-zero", ...optionsOf(settings)];
    return new Promise(resolve => {
      const child = execFile(command.file, args, { cwd: folder, maxBuffer: MAX_BYTES }, (_, stdout, stderr) => {
        this.output.append(stderr);
        if (token.isCancellationRequested) {
          resolve(undefined);
        } else if (stdout === "") {
          void vscode.window.showErrorMessage(`hpolint: ${stderr.trim().split("\n").at(-1)}`);
          resolve(undefined);
        } else {
          resolve((JSON.parse(stdout) as { findings: Finding[] }).findings);
        }
      });
      token.onCancellationRequested(() => child.kill());
    });
  }

  private async show(folder: string, findings: readonly Finding[]): Promise<void> {
    const open = new Set([
      ...vscode.workspace.textDocuments.map(document => document.uri.toString()),
      ...vscode.workspace.notebookDocuments.map(notebook => notebook.uri.toString()),
    ]);
    const byFile = new Map<string, Finding[]>();
    for (const finding of findings) {
      const file = path.resolve(folder, finding.path);
      byFile.set(file, [...(byFile.get(file) ?? []), finding]);
    }
    this.shown.clear();
    for (const [file, own] of byFile) {
      const uri = vscode.Uri.file(file);
      if (!open.has(uri.toString())) {
        const lines = await linesOf(uri);
        this.shown.set(
          uri,
          own.map(finding => diagnosticOf(finding, lines)),
        );
      }
    }
    const text = findings.length === 0 ? "no findings" : `findings: ${findings.length} in files: ${byFile.size}`;
    void vscode.window.showInformationMessage(`hpolint: ${text}.`);
    await vscode.commands.executeCommand("workbench.actions.view.problems");
  }
}

/** The options of the command that do what settings say. */
function optionsOf(settings: Settings): string[] {
  const options = settings.policy !== "" ? ["--policy", settings.policy] : [];
  if (settings.config !== "") {
    options.push("--config", settings.config);
  }
  for (const [key, value] of Object.entries(settings.overrides)) {
    options.push("--config", `${key}=${toml(value)}`);
  }
  return options;
}

/** A string, a list or a table of strings as TOML. */
function toml(value: unknown): string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return JSON.stringify(value);
  }
  const pairs = Object.entries(value).map(([key, own]) => `${JSON.stringify(key)} = ${toml(own)}`);
  return `{${pairs.join(", ")}}`;
}

/** The lines of a file; none if it cannot be read. */
async function linesOf(uri: vscode.Uri): Promise<string[]> {
  try {
    return Buffer.from(await vscode.workspace.fs.readFile(uri))
      .toString("utf-8")
      .replace(/^\uFEFF/, "")
      .split(/\r\n|\n|\r/);
  } catch {
    return [];
  }
}

function diagnosticOf(finding: Finding, lines: readonly string[]): vscode.Diagnostic {
  const start = position(finding.line, finding.column, lines);
  const end = position(finding.end_line, finding.end_column, lines);
  const cell = finding.cell !== null ? `Cell ${finding.cell}: ` : "";
  const text = cell + finding.message.join("\n");
  const diagnostic = new vscode.Diagnostic(new vscode.Range(start, end), text, SEVERITIES[finding.level]);
  diagnostic.source = "hpolint";
  diagnostic.code = finding.rule;
  return diagnostic;
}

/** A place in the units of VS Code, which counts UTF-16. */
function position(line: number, column: number, lines: readonly string[]): vscode.Position {
  const before = Array.from(lines[line - 1] ?? "").slice(0, column - 1);
  return new vscode.Position(line - 1, before.join("").length);
}

/** Pages of rules, shown in the window and without a network. */

import { execFile } from "child_process";
import { promisify } from "util";
import * as vscode from "vscode";
import { workingFolder } from "./client";
import { Command } from "./command";
import { settingsFor } from "./settings";

const SCHEME = "hpolint-rule";
const MAX_BYTES = 10 * 1024 * 1024;
const run = promisify(execFile);

/** Shows what `hpolint rule` prints, as VS Code shows Markdown. */
export class Pages implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);

  constructor(private readonly commandOf: () => Command | undefined) {}

  dispose(): void {
    this.registration.dispose();
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    return this.print("rule", uri.path.replace(/^\//, "").replace(/\.md$/, ""));
  }

  /** Show the page with an address of the documentation's site. */
  async showAddress(address: string): Promise<void> {
    const rule = /\/rules\/([\w-]+\/[\w-]+)\/?$/.exec(address)?.[1];
    if (rule === undefined) {
      await vscode.env.openExternal(vscode.Uri.parse(address));
      return;
    }
    await this.show(rule);
  }

  async show(rule: string): Promise<void> {
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${rule}.md` });
    await vscode.commands.executeCommand("markdown.showPreviewToSide", uri);
  }

  /** Show the page of a rule with a finding at the cursor, or of one that is picked from all rules. */
  async explain(): Promise<void> {
    const rule = (await this.pickAtCursor()) ?? (await this.pickFromAll());
    if (rule !== undefined) {
      await this.show(rule);
    }
  }

  private async pickAtCursor(): Promise<string | undefined> {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined) {
      return undefined;
    }
    const diagnostics = vscode.languages.getDiagnostics(editor.document.uri);
    const atCursor = diagnostics.filter(diagnostic => diagnostic.range.intersection(editor.selection) !== undefined);
    const rules = [...new Set(atCursor.map(ruleOf).filter(rule => rule !== undefined))];
    return rules.length > 1 ? vscode.window.showQuickPick(rules, { title: "hpolint: Explain" }) : rules[0];
  }

  private async pickFromAll(): Promise<string | undefined> {
    const rules = JSON.parse(await this.print("rules", "--output", "json")) as { rule: string; summary: string }[];
    const items = rules.map(({ rule, summary }) => ({ label: rule, detail: summary }));
    const picked = await vscode.window.showQuickPick(items, { title: "hpolint: Explain", matchOnDetail: true });
    return picked?.label;
  }

  /** What a command of hpolint prints, with the policies that hold in the window's first folder. */
  private async print(...asked: string[]): Promise<string> {
    const command = this.commandOf();
    if (command === undefined) {
      throw new Error("hpolint is not running here. Run the command “hpolint: Restart Server”.");
    }
    const { policy, config } = settingsFor(vscode.workspace.workspaceFolders?.[0]);
    const options = [...(policy !== "" ? ["--policy", policy] : []), ...(config !== "" ? ["--config", config] : [])];
    const args = [...command.args, ...asked, ...options];
    const { stdout } = await run(command.file, args, { cwd: workingFolder(), maxBuffer: MAX_BYTES });
    return stdout;
  }
}

/** The rule of a finding; undefined for other diagnostics, as for errors of a configuration. */
function ruleOf(diagnostic: vscode.Diagnostic): string | undefined {
  const code = typeof diagnostic.code === "object" ? diagnostic.code.value : diagnostic.code;
  const isFinding = diagnostic.source === "hpolint" && String(code).includes("/");
  return isFinding ? String(code) : undefined;
}

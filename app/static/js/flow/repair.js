// One-click repairs: the server carries them out on what stands here, and what comes back is one command.

export async function repair(editor, call, finding) {
  const { t, content } = editor;
  try {
    const answer = await call('POST', editor.boot.urls.fix, { content, fix: finding.fix });
    if (editor.content !== content) return editor.toast(t('flow_repair_late'), false);
    editor.edit(t('repaired', { what: finding.repair }), answer.content);
    editor.set({ findings: editor.state.findings.filter((one) => one !== finding) }); // the next save brings them all
    if (finding.node) editor.show(finding.node, { panel: editor.state.panel });
  } catch (error) {
    editor.toast(t('repair_failed', { why: error.answer?.message || t('not_reached') }), false);
  }
  return undefined;
}

// Texts of the property panel and the outline, Chinese and English side by side.
export const words = {
  panel: ['节点设置', 'Settings of the step'],
  step_name: ['名称', 'Name'],
  outline: ['流程大纲', 'Outline of the flow'],
};

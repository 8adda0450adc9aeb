// A text field with data-file takes a file of this computer as well: it is read here, and only its text is sent.
for (const field of document.querySelectorAll("textarea[data-file]")) {
  const label = document.createElement("label");
  const input = document.createElement("input");
  input.type = "file";
  input.id = `${field.id}-file`;
  input.accept = field.dataset.file;
  label.htmlFor = input.id;
  label.textContent = field.dataset.fileLabel;
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (file) field.value = await file.text();
  });
  field.before(label, input);
}

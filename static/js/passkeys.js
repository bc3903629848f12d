// Passkeys: show the buttons that need this script, and say in words when it did not work.
(() => {
  if (window.PublicKeyCredential) {
    document.querySelectorAll("[data-needs-script]").forEach((button) => { button.hidden = false; });
  }
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    document.getElementById("passkey_problem").hidden = false;
  });
})();

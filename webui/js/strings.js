// Every text of the page, one row per text, one column per language. `{name}` is filled in by text().

export const languages = { en: "English", ja: "日本語", fr: "Français", de: "Deutsch", es: "Español" };

const rows = {
  skip_to_input: ["Skip to the message field", "入力欄へ移動", "Aller au champ de message", "Zum Eingabefeld", "Ir al campo de mensaje"],
  conversations: ["Conversations", "会話一覧", "Conversations", "Unterhaltungen", "Conversaciones"],
  new_chat: ["New chat", "新しい会話", "Nouvelle conversation", "Neue Unterhaltung", "Nueva conversación"],
  ctrl_k: ["Ctrl+K", "Ctrl+K", "Ctrl+K", "Strg+K", "Ctrl+K"],
  search: ["Search", "検索", "Rechercher", "Suchen", "Buscar"],
  language: ["Language", "言語", "Langue", "Sprache", "Idioma"],
  theme_auto: ["Colours: as the system", "配色: システムに合わせる", "Couleurs : comme le système", "Farben: wie das System", "Colores: como el sistema"],
  theme_light: ["Colours: light", "配色: ライト", "Couleurs : clair", "Farben: hell", "Colores: claro"],
  theme_dark: ["Colours: dark", "配色: ダーク", "Couleurs : sombre", "Farben: dunkel", "Colores: oscuro"],
  settings: ["Settings", "設定", "Réglages", "Einstellungen", "Ajustes"],
  model: ["Model", "モデル", "Modèle", "Modell", "Modelo"],
  no_model: ["no model", "モデルなし", "aucun modèle", "kein Modell", "ningún modelo"],
  probabilities: ["Token probabilities", "トークンの確率", "Probabilités des tokens", "Token-Wahrscheinlichkeiten", "Probabilidades de los tokens"],
  ask_probabilities: ["Show token probabilities", "トークンの確率を表示する", "Montrer les probabilités des tokens", "Token-Wahrscheinlichkeiten zeigen", "Mostrar las probabilidades de los tokens"],
  no_probabilities: ["This answer was made without probabilities; make it again to see them.", "この回答には確率がありません。再生成すると表示されます。", "Cette réponse a été faite sans probabilités ; régénérez-la pour les voir.", "Diese Antwort entstand ohne Wahrscheinlichkeiten; neu erzeugen zeigt sie.", "Esta respuesta se hizo sin probabilidades; genérela de nuevo para verlas."],
  export: ["Export", "書き出し", "Exporter", "Exportieren", "Exportar"],
  export_markdown: ["Markdown (this branch)", "Markdown(この分岐)", "Markdown (cette branche)", "Markdown (dieser Zweig)", "Markdown (esta rama)"],
  export_json: ["JSON (everything)", "JSON(すべて)", "JSON (tout)", "JSON (alles)", "JSON (todo)"],
  greeting: ["What would you like to know?", "何を知りたいですか?", "Que voulez-vous savoir ?", "Was möchten Sie wissen?", "¿Qué le gustaría saber?"],
  example_1: ["Explain how a neutron star forms.", "中性子星がどのようにできるか説明してください。", "Explique comment se forme une étoile à neutrons.", "Erkläre, wie ein Neutronenstern entsteht.", "Explica cómo se forma una estrella de neutrones."],
  example_2: ["Derive the Euler–Lagrange equation.", "オイラー=ラグランジュ方程式を導出してください。", "Établis l’équation d’Euler-Lagrange.", "Leite die Euler-Lagrange-Gleichung her.", "Deduce la ecuación de Euler-Lagrange."],
  example_3: ["Write a Python function that fits a line to points.", "点に直線を当てはめる Python の関数を書いてください。", "Écris une fonction Python qui ajuste une droite à des points.", "Schreibe eine Python-Funktion, die eine Gerade an Punkte anpasst.", "Escribe una función de Python que ajuste una recta a unos puntos."],
  keys_hint: ["Enter sends · Shift+Enter new line · Esc stops · ↑ edits the last message · Ctrl+K new chat", "Enter 送信 · Shift+Enter 改行 · Esc 停止 · ↑ 直前のメッセージを編集 · Ctrl+K 新しい会話", "Entrée envoie · Maj+Entrée nouvelle ligne · Échap arrête · ↑ modifie le dernier message · Ctrl+K nouvelle conversation", "Enter sendet · Umschalt+Enter neue Zeile · Esc stoppt · ↑ bearbeitet die letzte Nachricht · Strg+K neue Unterhaltung", "Intro envía · Mayús+Intro nueva línea · Esc detiene · ↑ edita el último mensaje · Ctrl+K nueva conversación"],
  messages: ["Messages", "メッセージ", "Messages", "Nachrichten", "Mensajes"],
  message: ["Message", "メッセージを入力", "Message", "Nachricht", "Mensaje"],
  to_end: ["To the latest message", "最新のメッセージへ", "Au dernier message", "Zur neuesten Nachricht", "Al último mensaje"],
  send: ["Send", "送信", "Envoyer", "Senden", "Enviar"],
  stop: ["Stop (Esc)", "停止 (Esc)", "Arrêter (Échap)", "Stoppen (Esc)", "Detener (Esc)"],
  caution: ["Answers may be wrong. Check what matters.", "回答は誤っていることがあります。重要なことは確認してください。", "Les réponses peuvent être fausses. Vérifiez ce qui compte.", "Antworten können falsch sein. Prüfen Sie, was wichtig ist.", "Las respuestas pueden ser erróneas. Compruebe lo importante."],
  system_prompt: ["System prompt of this conversation", "この会話のシステムプロンプト", "Consigne système de cette conversation", "System-Prompt dieser Unterhaltung", "Instrucción de sistema de esta conversación"],
  system_hint: ["You are a careful scientific assistant.", "あなたは注意深い科学アシスタントです。", "Tu es un assistant scientifique rigoureux.", "Du bist ein sorgfältiger wissenschaftlicher Assistent.", "Eres un asistente científico riguroso."],
  temperature: ["Temperature", "温度", "Température", "Temperatur", "Temperatura"],
  max_tokens: ["Most tokens", "最大トークン数", "Tokens au plus", "Höchstens Token", "Tokens como máximo"],
  seed: ["Seed", "シード", "Graine", "Startwert (Seed)", "Semilla"],
  stops: ["Stop at (one text per line)", "停止文字列(1行に1つ)", "S’arrêter à (un texte par ligne)", "Anhalten bei (ein Text je Zeile)", "Parar en (un texto por línea)"],
  empty_is_default: ["Empty fields leave the choice to the server.", "空欄の項目はサーバーに任せます。", "Un champ vide laisse le choix au serveur.", "Leere Felder überlassen die Wahl dem Server.", "Un campo vacío deja la elección al servidor."],
  api_key: ["API key", "APIキー", "Clé d’API", "API-Schlüssel", "Clave de API"],
  keep_key: ["Keep the key in this browser", "キーをこのブラウザーに保存する", "Garder la clé dans ce navigateur", "Schlüssel in diesem Browser behalten", "Guardar la clave en este navegador"],
  key_wanted: ["This server asks for an API key.", "このサーバーにはAPIキーが必要です。", "Ce serveur demande une clé d’API.", "Dieser Server verlangt einen API-Schlüssel.", "Este servidor pide una clave de API."],
  save: ["Save", "保存", "Enregistrer", "Speichern", "Guardar"],
  save_and_send: ["Send", "送信", "Envoyer", "Senden", "Enviar"],
  cancel: ["Cancel", "キャンセル", "Annuler", "Abbrechen", "Cancelar"],
  you: ["You", "あなた", "Vous", "Sie", "Usted"],
  assistant: ["Assistant", "アシスタント", "Assistant", "Assistent", "Asistente"],
  copy: ["Copy", "コピー", "Copier", "Kopieren", "Copiar"],
  copied: ["Copied", "コピーしました", "Copié", "Kopiert", "Copiado"],
  cannot_copy: ["The browser does not allow copying.", "ブラウザーがコピーを許可していません。", "Le navigateur ne permet pas de copier.", "Der Browser erlaubt das Kopieren nicht.", "El navegador no permite copiar."],
  copy_code: ["Copy code", "コードをコピー", "Copier le code", "Code kopieren", "Copiar código"],
  again: ["Make this answer again", "回答を再生成", "Régénérer la réponse", "Antwort neu erzeugen", "Generar de nuevo"],
  edit: ["Edit", "編集", "Modifier", "Bearbeiten", "Editar"],
  earlier_version: ["Earlier version", "前の版", "Version précédente", "Frühere Fassung", "Versión anterior"],
  later_version: ["Later version", "次の版", "Version suivante", "Spätere Fassung", "Versión siguiente"],
  version: ["Version {at} of {all}", "{all}件中{at}件目", "Version {at} sur {all}", "Fassung {at} von {all}", "Versión {at} de {all}"],
  rename: ["Rename", "名前を変更", "Renommer", "Umbenennen", "Cambiar nombre"],
  remove: ["Delete", "削除", "Supprimer", "Löschen", "Eliminar"],
  removed: ["Deleted: {title}", "削除しました: {title}", "Supprimé : {title}", "Gelöscht: {title}", "Eliminado: {title}"],
  undo: ["Undo", "元に戻す", "Annuler", "Rückgängig", "Deshacer"],
  nothing_found: ["Nothing found", "見つかりません", "Rien trouvé", "Nichts gefunden", "Nada encontrado"],
  untitled: ["New chat", "新しい会話", "Nouvelle conversation", "Neue Unterhaltung", "Nueva conversación"],
  writing: ["The assistant is writing.", "アシスタントが書いています。", "L’assistant écrit.", "Der Assistent schreibt.", "El asistente está escribiendo."],
  answer_done: ["Answer complete: {answer}", "回答が完了しました: {answer}", "Réponse terminée : {answer}", "Antwort fertig: {answer}", "Respuesta completa: {answer}"],
  stopped: ["stopped", "停止しました", "arrêtée", "gestoppt", "detenida"],
  cut: ["cut off at the longest length", "最大長で打ち切られました", "coupée à la longueur maximale", "bei der größten Länge abgeschnitten", "cortada en la longitud máxima"],
  tokens: ["{n} tokens", "{n} トークン", "{n} tokens", "{n} Token", "{n} tokens"],
  speed: ["{n} tokens/s", "{n} トークン/秒", "{n} tokens/s", "{n} Token/s", "{n} tokens/s"],
  first_token: ["first after {n} s", "最初まで {n} 秒", "premier après {n} s", "erstes nach {n} s", "primero tras {n} s"],
  prompt_tokens: ["prompt {n}", "プロンプト {n}", "invite {n}", "Prompt {n}", "entrada {n}"],
  no_answer: ["The server cannot be reached. Is it still running?", "サーバーに接続できません。動作していますか?", "Le serveur est injoignable. Tourne-t-il encore ?", "Der Server ist nicht erreichbar. Läuft er noch?", "No se puede llegar al servidor. ¿Sigue en marcha?"],
  cut_off: ["The answer was cut off on its way.", "回答が途中で途切れました。", "La réponse a été interrompue en route.", "Die Antwort brach unterwegs ab.", "La respuesta se cortó en el camino."],
  storage_full: ["The browser’s storage is full or forbidden: this conversation is not kept. Export it, or delete others.", "ブラウザーの保存領域が一杯か使用できないため、この会話は保存されません。書き出すか、他の会話を削除してください。", "Le stockage du navigateur est plein ou interdit : cette conversation n’est pas gardée. Exportez-la ou supprimez-en d’autres.", "Der Speicher des Browsers ist voll oder verboten: Diese Unterhaltung wird nicht behalten. Exportieren Sie sie oder löschen Sie andere.", "El almacenamiento del navegador está lleno o prohibido: esta conversación no se guarda. Expórtela o elimine otras."],
};

const codes = Object.keys(languages);
let column = 0;

// Chooses the column: a code, or the first of the browser's languages that is here.
export function set_language(code) {
  const wanted = code ? [code] : (navigator.languages ?? [navigator.language]);
  const found = wanted.map((name) => name.slice(0, 2).toLowerCase()).find((name) => codes.includes(name));
  column = Math.max(0, codes.indexOf(found ?? "en"));
  document.documentElement.lang = codes[column];
}

export const language = () => codes[column];

export function text(key, values = {}) {
  return rows[key][column].replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
}

export function number(value, digits = 0) {
  return value.toLocaleString(language(), { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

// Fills the texts of the page's own elements: data-text, data-label (also the tooltip), data-placeholder.
export function translate(root = document) {
  for (const element of root.querySelectorAll("[data-text]")) element.textContent = text(element.dataset.text);
  for (const element of root.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", text(element.dataset.label));
    if (element.matches(".icon")) element.title = text(element.dataset.label);
  }
  for (const element of root.querySelectorAll("[data-hint]")) element.title = text(element.dataset.hint);
  for (const element of root.querySelectorAll("[data-placeholder]"))
    element.placeholder = text(element.dataset.placeholder);
}

export const all_rows = Object.entries(rows);

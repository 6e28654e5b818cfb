// The look of the phone, by concept; one sheet when built. What comes later wins.
import "./tokens.css";
import "./dark.css";
import "./base.css";
import "./layout.css";
import "./controls.css";
import "./frame.css";
import "./lists.css";
import "./home.css";
import "./record.css";
import "./form.css";
import "./photos.css";

// Document 4 leaves the channel open. This one is document 3's.
import { broadcast } from "../broadcast.js";
import { serve } from "../serve.js";

broadcast(serve(import.meta.url));

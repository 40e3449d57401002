"""The app: Streamlit lives here and in app.py only."""

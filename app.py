"""The dashboard's entry: navigation only. Open it with `churnboard dashboard`."""

import streamlit as st

from leaderboard.dashboard import navigation

st.set_page_config(page_title="churnboard", page_icon=":material/leaderboard:", layout="wide")
st.logo(navigation.LOGO, size="medium")
st.navigation(navigation.menu(), position="top").run()
